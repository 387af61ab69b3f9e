#include "api/pusher.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::api {

using store::Position;

namespace {

/// How often a cursor is saved: what is done in between goes again after a crash.
constexpr Seconds save_interval{1};
constexpr std::size_t page_events_max = 128;
constexpr std::size_t page_documents_max = 100;

std::uint64_t number_of(Position position) { return static_cast<std::uint64_t>(position); }

bool is_accepted(const ClientResult& result) {
    return result && result->status >= 200 && result->status < 300;
}

std::string why_not(const ClientResult& result) {
    if (result) return "the receiver answered " + std::to_string(result->status);
    return std::string{to_string(result.error().failure)} + ": " + result.error().detail;
}

}  // namespace

Pusher::Pusher(Context context) : context_(std::move(context)) {
    watch_ = context_.log.watch([this] {
        const auto served = served_;
        for (const auto& [id, each] : served) pump(each);
    });
}

// --- Rules and actions

void Pusher::start() {
    load(store::DocumentKind::push_rule, {}, [this] {
        load(store::DocumentKind::push_action, {}, [this] {
            load(store::DocumentKind::push_cursor, {}, [this] {
                is_loaded_ = true;
                is_starting_ = true;
                serve_all();
                is_starting_ = false;
                cursors_.clear();
            });
        });
    });
}

void Pusher::load(store::DocumentKind kind, std::string marker, std::function<void()> then) {
    store::DocumentQuery query;
    query.kind = kind;
    query.with_secrets = kind == store::DocumentKind::push_action;
    query.paging = {.marker = std::move(marker), .offset = 0, .limit = page_documents_max};
    context_.documents.list(
        std::move(query), context_.home,
        [this, kind, then = std::move(then)](std::error_code error,
                                             const store::CataloguePage<store::DocumentPtr>& page) {
            if (error) {
                Event event;
                event.severity = Severity::error;
                event.name = "push_rules_unreadable";
                event.detail = "nothing is pushed until the next start";
                return context_.events.on_event(event);
            }
            for (const store::DocumentPtr& each : page.records) take(*each);
            if (page.records.size() == page_documents_max) return load(kind, page.marker, then);
            then();
        });
}

void Pusher::take(const store::Document& document) {
    if (document.kind == store::DocumentKind::push_cursor) {
        if (const auto cursor = parse_event_id(document.body)) cursors_[document.id] = *cursor;
    } else if (document.kind == store::DocumentKind::push_rule) {
        if (auto rule = rule_of(document)) rules_[document.id] = *std::move(rule);
    } else if (auto action = action_of(document)) {
        actions_[document.id] = *std::move(action);
    }
}

void Pusher::put_rule(PushRule rule) {
    rules_[rule.rule_id] = std::move(rule);
    serve_all();
}

void Pusher::put_action(PushAction action) {
    const std::string id = action.action_id;
    actions_[id] = std::move(action);
    serve_all();
}

void Pusher::remove_rule(const std::string& rule_id) {
    rules_.erase(rule_id);
    std::erase_if(actions_, [&](const auto& each) { return each.second.rule_id == rule_id; });
    serve_all();
}

void Pusher::remove_action(const std::string& action_id) {
    actions_.erase(action_id);
    serve_all();
}

const PushRule* Pusher::find_rule(const std::string& rule_id) const {
    const auto found = rules_.find(rule_id);
    return found == rules_.end() ? nullptr : &found->second;
}

const PushAction* Pusher::find_action(const std::string& action_id) const {
    const auto found = actions_.find(action_id);
    return found == actions_.end() ? nullptr : &found->second;
}

bool Pusher::may_target(const HttpUrl& url) const {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(url.host, error);
    return error || context_.policy.allows(address);
}

/// Begins what an active rule wants, and ends what none does.
void Pusher::serve_all() {
    if (!is_loaded_) return;
    EventKinds kinds = 0;
    std::vector<std::string> over;
    for (const auto& [id, served] : served_) over.push_back(id);
    for (const auto& [id, action] : actions_) {
        const PushRule* const rule = find_rule(action.rule_id);
        if (rule == nullptr || !rule->is_active) continue;
        kinds |= kinds_of(rule->kind);
        std::erase(over, id);
        begin(action, *rule);
    }
    for (const std::string& id : over) end(id);
    context_.log.set_rule_kinds(kinds);
}

void Pusher::begin(const PushAction& action, const PushRule& rule) {
    auto url = parse_http_url(action.url);
    auto tls = make_client_tls({.authorities_pem = {},
                                .name = action.cn_name,
                                .sends_name = action.sends_name || action.cn_name.empty()});
    if (!url || !tls) return;
    if (const auto found = served_.find(action.action_id); found != served_.end()) {
        Served& served = *found->second;
        served.action = action;
        served.rule = rule;
        served.url = *std::move(url);
        served.tls = *std::move(tls);
        return;
    }
    const auto known = cursors_.find(action.action_id);
    // A rule begins with what happens from now on; after a start everything goes on. What was never saved
    // had only begun.
    const Position oldest{number_of(context_.log.first()) - 1};
    Position cursor = is_starting_ ? oldest : context_.log.last();
    if (known != cursors_.end()) cursor = std::min(known->second, context_.log.last());
    auto served = std::make_shared<Served>(
        Served{.action = action,
               .rule = rule,
               .url = *std::move(url),
               .tls = *std::move(tls),
               .feed = PushFeed{context_.settings, cursor, context_.clock.now()}});
    served_[action.action_id] = served;
    if (known == cursors_.end()) save(served);
    pump(served);
}

void Pusher::end(const std::string& action_id) {
    const auto found = served_.find(action_id);
    const PushTotals& totals = found->second->feed.totals();
    ended_.pushed += totals.pushed;
    ended_.failed += totals.failed;
    ended_.expired += totals.expired;
    ended_.dropped += totals.dropped;
    served_.erase(found);
    context_.documents.remove(store::DocumentKind::push_cursor, action_id, context_.home,
                              [](std::error_code) {});
}

bool Pusher::is_served(const ServedPtr& served) const {
    const auto found = served_.find(served->action.action_id);
    return found != served_.end() && found->second == served;
}

// --- Events

void Pusher::on_tick() {
    const Instant now = context_.clock.now();
    const bool is_time = now >= next_save_;
    if (is_time) next_save_ = now + save_interval;
    const auto all = served_;
    for (const auto& [id, served] : all) {
        pump(served);
        if (is_time) save(served);
    }
}

void Pusher::pump(const ServedPtr& served) {
    if (context_.log.has_ended_waiting()) return save(served);
    read(served);
    PushHost& host = hosts_[served->url.origin()];
    while (const PushFeed::Entry* const entry = served->feed.next(host, context_.clock.now())) {
        send(served, *entry);
    }
}

void Pusher::read(const ServedPtr& served) {
    PushFeed& feed = served->feed;
    if (served->is_reading || !feed.has_room() || context_.log.last() <= feed.read_through())
        return;
    const std::uint64_t gone = number_of(context_.log.first()) - 1;
    if (number_of(feed.read_through()) < gone) {
        const std::uint64_t count = gone - number_of(feed.read_through());
        feed.count_dropped(count);
        feed.set_read_through(Position{gone});
        tell(Severity::warning, "push_events_lost", *served,
             "[events] kept less than had to wait for the receiver", count);
    }
    served->is_reading = true;
    context_.log.read(feed.read_through(), page_events_max,
                      [this, served](std::error_code error, const EventLog::Page& page) {
                          served->is_reading = false;
                          if (!error && is_served(served)) on_page(served, page);
                      });
}

void Pusher::on_page(const ServedPtr& served, const EventLog::Page& page) {
    const Instant now = context_.clock.now();
    const WallTime wall = context_.clock.wall_now();
    for (const LoggedEvent& each : page.events) {
        if (!served->rule.matches(each.event)) continue;
        const auto age = std::max(wall - each.event.at, Milliseconds{0});
        const Instant expires_at = now + context_.settings.retry_for - age;
        const PlatformEventSubject& subject = each.event.subject;
        served->feed.add(
            {.position = each.position,
             .order = subject.device_id.empty() ? subject.product_id : subject.device_id,
             .text = event_json(each),
             .expires_at = expires_at});
    }
    served->feed.set_read_through(page.looked_through);
    if (!page.events.empty() || !page.is_last) pump(served);
}

void Pusher::send(const ServedPtr& served, const PushFeed::Entry& entry) {
    ClientRequest request;
    request.method = boost::beast::http::verb::post;
    request.url = served->url;
    request.tls = served->tls;
    request.fields = {{"Content-Type", "application/json"}};
    request.body = entry.text;
    request.limits.request_timeout = context_.settings.timeout;
    request.limits.connect_timeout = context_.settings.timeout;
    if (served->action.is_signed) sign(served->action, request);
    // The entry may be gone when the answer comes, and the action, too.
    context_.send(std::move(request),
                  [this, served, position = entry.position](const ClientResult& result) {
                      on_result(served, position, result);
                  });
}

void Pusher::on_result(const ServedPtr& served, Position position, const ClientResult& result) {
    PushHost& host = hosts_[served->url.origin()];
    const Instant now = context_.clock.now();
    const bool was_blocked = host.is_blocked();
    if (is_accepted(result)) {
        host.on_success();
        served->feed.on_success(position);
        if (was_blocked) tell(Severity::info, "push_resumed", *served, "the receiver is back");
    } else {
        host.on_failure(now, context_.settings);
        served->feed.on_failure(position, now, jitter());
        const bool is_news = host.is_blocked() && !was_blocked;
        tell(is_news ? Severity::warning : Severity::debug,
             is_news ? "push_blocked" : "push_failed", *served, why_not(result));
    }
    if (!is_served(served)) return;
    // Not inside the call: a client that fails at once would call ever deeper.
    context_.home.post([this, served] {
        if (is_served(served)) pump(served);
    });
}

/// What the receiver can check: hexadecimal SHA-256 of token, timestamp and nonce, sorted.
void Pusher::sign(const PushAction& action, ClientRequest& request) {
    const auto now = context_.clock.wall_now().time_since_epoch().count();
    std::array<std::string, 3> parts{action.token, std::to_string(now),
                                     random_hex(context_.random, 8)};
    request.fields.emplace_back("timestamp", parts[1]);
    request.fields.emplace_back("nonce", parts[2]);
    std::ranges::sort(parts);
    request.fields.emplace_back("signature", sha256_hex(parts[0] + parts[1] + parts[2]));
}

void Pusher::save(const ServedPtr& served) {
    const Position cursor = served->feed.cursor();
    if (served->is_saving || cursor == served->saved) return;
    served->is_saving = true;
    store::Document document{.kind = store::DocumentKind::push_cursor,
                             .id = served->action.action_id,
                             .body = event_id(cursor)};
    context_.documents.put(std::move(document), context_.home,
                           [served, cursor](std::error_code error, const store::DocumentPtr&) {
                               served->is_saving = false;
                               if (!error) served->saved = cursor;
                           });
}

unsigned Pusher::jitter() {
    std::array<std::uint8_t, 2> bytes{};
    context_.random.fill(bytes);
    return (bytes[0] * 256U + bytes[1]) % 1000U;
}

PushTotals Pusher::totals() const {
    PushTotals totals = ended_;
    for (const auto& [id, served] : served_) {
        totals.pushed += served->feed.totals().pushed;
        totals.failed += served->feed.totals().failed;
        totals.expired += served->feed.totals().expired;
        totals.dropped += served->feed.totals().dropped;
    }
    return totals;
}

/// Positions between the cursor of the one that is furthest behind and the end: matching or not.
std::uint64_t Pusher::backlog() const {
    const std::uint64_t last = number_of(context_.log.last());
    std::uint64_t most = 0;
    for (const auto& [id, served] : served_) {
        most = std::max(most, last - std::min(last, number_of(served->feed.cursor())));
    }
    return most;
}

void Pusher::tell(Severity severity, std::string_view name, const Served& served,
                  const std::string& detail, std::uint64_t count) {
    if (!context_.events.wants(severity)) return;
    const std::string text =
        "action " + served.action.action_id + " to " + served.url.origin() + ": " + detail;
    Event event;
    event.severity = severity;
    event.name = name;
    event.detail = text;
    event.count = count;
    context_.events.on_event(event);
}

}  // namespace holdfast::api
