#pragma once
// ScriptedGuard: bans one name, remembers what it is told, and has as little memory as the test says.
// Threads: none.

#include "session/guard.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace test_support {

class ScriptedGuard final : public holdfast::session::Guard {
public:
    std::optional<holdfast::CloseReason> refuse_login(const holdfast::PeerAddress&,
                                                      std::string_view name,
                                                      holdfast::Instant) override {
        if (name == banned) return holdfast::CloseReason::banned;
        return std::nullopt;
    }
    void on_login(const holdfast::PeerAddress&, std::string_view name,
                  holdfast::session::LoginOutcome outcome, holdfast::Turn&) override {
        using holdfast::session::LoginOutcome;
        told.push_back(std::string{name} + (outcome == LoginOutcome::right   ? " is right"
                                            : outcome == LoginOutcome::wrong ? " is wrong"
                                                                             : " is unjudged"));
    }
    void on_takeover(std::string_view client_id, const holdfast::PeerAddress&,
                     const holdfast::PeerAddress&, holdfast::Turn&) override {
        told.push_back(std::string{client_id} + " is taken over");
    }
    void exhaust_memory(bool is_exhausted) { is_memory_exhausted_ = is_exhausted; }

    std::string banned;
    std::vector<std::string> told;
};

}  // namespace test_support
