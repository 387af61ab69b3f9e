#pragma once
// PushLine: one action that is served: reads the log behind its cursor, sends what its rule wants to its
// URL, hears what became of it, saves the cursor now and then. What waits behind the feed's window is looked
// at once, so that it is counted. While the authority that the action names is missing or has expired nothing
// goes, and what waits grows old as otherwise.
// Threads: home's. Lifetime: shared with the answers it waits for; what the context refers to outlives them.

#include "api/address_policy.hpp"
#include "api/event_log.hpp"
#include "api/http_client.hpp"
#include "api/push_feed.hpp"
#include "api/push_flow.hpp"
#include "api/push_rule.hpp"
#include "api/push_settings.hpp"
#include "api/push_state.hpp"
#include "base/environment.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

struct PushContext {
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

using PushHostPtr = std::shared_ptr<PushHost>;

class PushLine : public std::enable_shared_from_this<PushLine> {
public:
    /// What rules, actions, certificates and policies say.
    struct Terms {
        PushAction action;
        PushRule rule;
        HttpUrl url;
        ClientTlsPtr tls;
        PushHostPtr host;
        PushFlow flow{};
        std::optional<PushBacklog> backlog{};
        bool lacks_certificate = false;  ///< the action names one that is not there
        WallTime certificate_expires_at = WallTime::max();
    };
    PushLine(const PushContext& context, Terms terms, store::Position cursor);
    PushLine(const PushLine&) = delete;
    PushLine& operator=(const PushLine&) = delete;

    void set(Terms terms);
    [[nodiscard]] const Terms& terms() const { return terms_; }
    /// Sends what may go, reads what there is room for.
    void pump();
    /// The cursor, if it has moved.
    void save();
    /// Nothing is sent any more; answers that come are for nobody.
    void end() { has_ended_ = true; }

    [[nodiscard]] PushActionState state() const;
    [[nodiscard]] const PushTotals& totals() const { return feed_.totals(); }
    [[nodiscard]] store::Position cursor() const { return feed_.cursor(); }

private:
    void read();
    void skip_what_is_gone();
    void on_page(const EventLog::Page& page, bool is_for_window);
    [[nodiscard]] PushFeed::Entry entry_of(const LoggedEvent& logged) const;
    void send(const PushFeed::Entry& entry);
    void on_result(store::Position position, const ClientResult& result);
    void sign(ClientRequest& request) const;
    [[nodiscard]] PushState judge() const;
    void tell_changes();
    [[nodiscard]] unsigned jitter() const;
    void tell(Severity severity, std::string_view name, const std::string& detail,
              std::uint64_t count = 1) const;

    const PushContext& context_;
    Terms terms_;
    PushFeed feed_;
    store::Position saved_{};  ///< as the document says
    bool is_saving_ = false;
    bool is_reading_ = false;
    bool has_ended_ = false;
    bool is_stopped_ = false;           ///< told: it has no valid certificate
    bool is_overflowing_ = false;       ///< told: the backlog policy discards
    std::uint64_t overflow_told_ = 0;   ///< discarded by it, at the last look
    std::uint64_t overflow_begin_ = 0;  ///< before this episode
    std::string last_failure_;
};
using PushLinePtr = std::shared_ptr<PushLine>;

}  // namespace holdfast::api
