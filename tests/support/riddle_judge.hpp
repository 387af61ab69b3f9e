#pragma once
// RiddleJudge: an Authenticator that offers the method "RIDDLE": the client says its name and is asked until
// it answers "right", "wrong" or "nonsense". Whoever names no method is let in. Threads: none.

#include "session/authenticator.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace test_support {

class Riddle final : public holdfast::session::AuthenticationExchange {
public:
    explicit Riddle(holdfast::Instant valid_until) : valid_until_(valid_until) {}

    [[nodiscard]] holdfast::session::ExchangeStep step(holdfast::ByteView data) override {
        using holdfast::CloseReason;
        const std::string_view text = holdfast::as_text(data);
        if (text == "nonsense") return refusal(CloseReason::protocol_error);
        if (text == "wrong") return refusal(CloseReason::bad_credentials);
        if (name_.empty()) name_ = text;
        if (text != "right" || name_ == text) return {.data = question, .verdict = {}};
        holdfast::session::ExchangeStep last{.data = "welcome", .verdict = {}};
        last.verdict.emplace().principal.user_name = name_;
        last.verdict->principal.valid_until = valid_until_;
        return last;
    }
    [[nodiscard]] std::string_view user_name() const override { return name_; }

    static constexpr const char* question = "what?";

private:
    static holdfast::session::ExchangeStep refusal(holdfast::CloseReason reason) {
        return {.data = {}, .verdict = holdfast::session::Verdict{reason, "for a test", {}}};
    }

    const holdfast::Instant valid_until_;
    std::string name_;
};

class RiddleJudge final : public holdfast::session::Authenticator {
public:
    void authenticate(const holdfast::session::Credentials&, holdfast::Turn&,
                      std::function<void(holdfast::session::Verdict)> done) override {
        done({});
    }
    void confirm(const holdfast::session::Principal&, holdfast::Turn&,
                 std::function<void(bool)> done) override {
        done(true);
    }
    [[nodiscard]] holdfast::session::AuthenticationExchangePtr begin_exchange(
        std::string_view method, const holdfast::session::Credentials& credentials) override {
        if (method != "RIDDLE" || !is_offered) return nullptr;
        asked.push_back(std::string{credentials.client_id} + " as " +
                        std::string{credentials.user_name.value_or("nobody")});
        return std::make_unique<Riddle>(valid_until);
    }

    bool is_offered = true;
    holdfast::Instant valid_until = holdfast::never;
    std::vector<std::string> asked;
};

}  // namespace test_support
