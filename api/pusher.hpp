#pragma once
// Pusher: sends the events that active rules want to the URLs of their actions. Keeps what applications have
// set up in memory, as its documents say; one PushLine for each action that is served; saves cursors now and
// then, so that after a crash some events go again, with the same event_id, and none is lost.
// What a receiver answers with 2xx in time is done. Docs: docs/http-api-events.md.
// Threads: home's, which is also the HTTP client's. Lifetime: what it refers to outlives it; it outlives
// the answers of the store and the catalogue.

#include "api/push_book.hpp"
#include "api/push_flow.hpp"
#include "api/push_line.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace holdfast::api {

class Pusher {
public:
    using Context = PushContext;
    explicit Pusher(Context context);
    Pusher(const Pusher&) = delete;
    Pusher& operator=(const Pusher&) = delete;

    /// With what is kept; reads the cursors, and then goes on behind them.
    void start(PushBook book);
    void on_tick();

    [[nodiscard]] const PushBook& book() const { return book_; }
    /// For the endpoints, once the document says so: what is changed holds from now on.
    template <class Change>
    void change(Change&& how) {
        how(book_);
        serve_all();
    }
    /// Whether a target may be connected to, as far as its URL tells.
    [[nodiscard]] bool may_target(const HttpUrl& url) const;

    [[nodiscard]] PushActionState state_of(const std::string& action_id) const;
    /// Of all actions that are served.
    [[nodiscard]] std::vector<PushActionState> states() const;
    [[nodiscard]] PushTotals totals() const;
    /// Positions between the cursor of the one that is furthest behind and the end: matching or not.
    [[nodiscard]] std::uint64_t backlog() const;

private:
    void load_cursors(std::string marker);
    void on_loaded();
    [[nodiscard]] EventKinds wanted_kinds() const;
    void serve_all();
    void serve(const PushAction& action, const PushRule& rule);
    [[nodiscard]] std::optional<PushLine::Terms> terms_of(const PushAction& action,
                                                          const PushRule& rule);
    [[nodiscard]] ClientTlsPtr tls_of(const PushAction& action) const;
    [[nodiscard]] PushHostPtr host_of(const HttpUrl& url);
    [[nodiscard]] store::Position first_cursor(const std::string& action_id) const;
    void end(const std::string& action_id);
    void tell_unreadable();

    const Context context_;
    PushBook book_;
    std::map<std::string, store::Position> cursors_;  ///< found at the start
    std::map<std::string, PushLinePtr> lines_;        ///< by the action's id
    std::map<std::string, PushHostPtr> hosts_;        ///< by origin
    PushFlows flows_;
    PushTotals ended_;          ///< of actions that are not served any more
    std::string pumped_first_;  ///< the action that was, at the last tick
    bool is_loaded_ = false;
    bool is_starting_ = false;
    Instant next_save_{};
    EventLog::Watch watch_;
};

}  // namespace holdfast::api
