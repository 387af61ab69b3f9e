#pragma once
// Pusher: sends the events that active rules want to the URLs of their actions. Keeps rules and actions in
// memory, as their documents say; reads the log behind each action's cursor; saves cursors now and then, so
// that after a crash some events go again, with the same event_id, and none is lost.
// What a receiver answers with 2xx in time is done. Docs: docs/http-api-events.md.
// Threads: home's, which is also the HTTP client's. Lifetime: what it refers to outlives it; it outlives
// the answers of the store and the catalogue.

#include "api/event_log.hpp"
#include "api/http_client.hpp"
#include "api/push_feed.hpp"
#include "api/push_rule.hpp"
#include "api/push_settings.hpp"
#include "base/environment.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::api {

class Pusher {
public:
    struct Context {
        EventLog& log;
        store::Documents& documents;
        store::Executor& home;
        const Clock& clock;
        Random& random;
        EventSink& events;
        const PushSettings& settings;
        AddressPolicy policy{};
        SendRequest send;
    };
    explicit Pusher(Context context);
    Pusher(const Pusher&) = delete;
    Pusher& operator=(const Pusher&) = delete;

    /// Reads rules, actions and cursors.
    void start();
    void on_tick();

    // --- For the endpoints, once the document says so

    void put_rule(PushRule rule);
    void put_action(PushAction action);
    void remove_rule(const std::string& rule_id);
    void remove_action(const std::string& action_id);
    [[nodiscard]] const PushRule* find_rule(const std::string& rule_id) const;
    [[nodiscard]] const PushAction* find_action(const std::string& action_id) const;
    [[nodiscard]] const std::map<std::string, PushRule>& rules() const { return rules_; }
    [[nodiscard]] const std::map<std::string, PushAction>& actions() const { return actions_; }
    /// Whether a target may be connected to, as far as its URL tells.
    [[nodiscard]] bool may_target(const HttpUrl& url) const;

    [[nodiscard]] PushTotals totals() const;
    [[nodiscard]] std::uint64_t backlog() const;

private:
    /// An action that is being served.
    struct Served {
        PushAction action;
        PushRule rule;
        HttpUrl url;
        ClientTlsPtr tls;
        PushFeed feed;
        store::Position saved{};  ///< as the document says
        bool is_saving = false;
        bool is_reading = false;
    };
    using ServedPtr = std::shared_ptr<Served>;

    void load(store::DocumentKind kind, std::string marker, std::function<void()> then);
    void take(const store::Document& document);
    void serve_all();
    void begin(const PushAction& action, const PushRule& rule);
    void end(const std::string& action_id);
    void pump(const ServedPtr& served);
    void read(const ServedPtr& served);
    void on_page(const ServedPtr& served, const EventLog::Page& page);
    void send(const ServedPtr& served, const PushFeed::Entry& entry);
    void on_result(const ServedPtr& served, store::Position position, const ClientResult& result);
    void sign(const PushAction& action, ClientRequest& request);
    void save(const ServedPtr& served);
    [[nodiscard]] bool is_served(const ServedPtr& served) const;
    [[nodiscard]] unsigned jitter();
    void tell(Severity severity, std::string_view name, const Served& served,
              const std::string& detail, std::uint64_t count = 1);

    const Context context_;
    std::map<std::string, PushRule> rules_;
    std::map<std::string, PushAction> actions_;
    std::map<std::string, store::Position> cursors_;  ///< found at the start
    std::map<std::string, ServedPtr> served_;
    std::map<std::string, PushHost> hosts_;
    PushTotals ended_;  ///< of actions that are not served any more
    bool is_loaded_ = false;
    bool is_starting_ = false;
    Instant next_save_{};
    EventLog::Watch watch_;
};

}  // namespace holdfast::api
