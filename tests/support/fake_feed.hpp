#pragma once
// FakeFeed: a device's queue as a list that a test fills, with a note of everything its session told it.
// ScriptedJudge: an Authenticator that says what a test told it to, at once or when the test says so.
// Threads: none.

#include "delivery/live_session.hpp"
#include "session/authenticator.hpp"

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace test_support {

class FakeFeed final : public holdfast::delivery::DeviceFeed {
public:
    using LiveSession = holdfast::delivery::LiveSession;
    using Position = holdfast::store::Position;

    void attach(LiveSession& session, std::vector<holdfast::delivery::FeedSubscription> made,
                holdfast::Turn&) override {
        live = &session;
        notes.push_back("attached");
        for (const auto& each : made) notes.push_back("has " + each.filter);
    }
    void detach(LiveSession& session, holdfast::Turn&) override {
        if (live.get() != &session) return;
        live.reset();
        notes.emplace_back("detached");
    }
    void on_subscribed(const holdfast::delivery::FeedSubscription& made,
                       holdfast::Turn&) override {
        notes.push_back("subscribed " + made.filter);
    }
    void on_unsubscribed(std::string_view filter, holdfast::Turn&) override {
        notes.push_back("unsubscribed " + std::string{filter});
    }
    [[nodiscard]] holdfast::QoS subscribed_qos(std::string_view) override { return qos; }
    [[nodiscard]] bool has_next() const override { return !waiting.empty(); }
    [[nodiscard]] std::optional<holdfast::delivery::FeedItem> next(holdfast::Turn&) override {
        if (waiting.empty()) return std::nullopt;
        auto item = std::move(waiting.front());
        waiting.pop_front();
        return item;
    }
    void on_paused(holdfast::delivery::Cause why) override {
        const bool is_quota = why == holdfast::delivery::Cause::send_quota_exhausted;
        notes.emplace_back(is_quota ? "paused by quota" : "paused by socket");
    }
    void on_acknowledged(Position position, std::uint8_t code, holdfast::Turn&) override {
        note("acknowledged", position, code == 0 ? "" : " refused " + std::to_string(code));
    }
    void on_handed_over(Position position, holdfast::Turn&) override { note("written", position); }
    void on_too_large(Position position, holdfast::Turn&) override { note("too large", position); }
    void on_lost(Position position, holdfast::Turn&) override { note("lost", position); }
    [[nodiscard]] bool wants_again(Position position, holdfast::Turn&) override {
        note("asked again", position);
        return still_wanted;
    }

    [[nodiscard]] std::vector<std::string> take_notes() { return std::exchange(notes, {}); }

    std::deque<holdfast::delivery::FeedItem> waiting;
    std::vector<std::string> notes;
    holdfast::delivery::LiveSessionPtr live;
    bool still_wanted = true;
    holdfast::QoS qos = holdfast::QoS::at_most_once;  ///< of the device's subscriptions

private:
    void note(std::string what, Position position, const std::string& more = "") {
        notes.push_back(std::move(what) + " " +
                        std::to_string(static_cast<std::uint64_t>(position)) + more);
    }
};

class ScriptedJudge final : public holdfast::session::Authenticator {
public:
    void authenticate(const holdfast::session::Credentials& credentials, holdfast::Turn&,
                      std::function<void(holdfast::session::Verdict)> done) override {
        asked.push_back(std::string{credentials.client_id} + " as " +
                        std::string{credentials.user_name.value_or("nobody")});
        if (answers_at_once) {
            done(verdict);
        } else {
            waiting.push_back(std::move(done));
        }
    }

    void confirm(const holdfast::session::Principal&, holdfast::Turn&,
                 std::function<void(bool)> done) override {
        done(confirms);
    }

    holdfast::session::Verdict verdict;
    bool confirms = true;
    bool answers_at_once = true;
    std::vector<std::string> asked;
    std::vector<std::function<void(holdfast::session::Verdict)>> waiting;
};

}  // namespace test_support
