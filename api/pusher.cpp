#include "api/pusher.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::api {

using store::DocumentKind;
using store::Position;

namespace {

/// How often a cursor is saved: what is done in between goes again after a crash.
constexpr Seconds save_interval{1};
constexpr std::size_t page_documents_max = 100;
std::uint64_t number_of(Position position) { return static_cast<std::uint64_t>(position); }

std::optional<PushBacklog> backlog_of(const BacklogPolicy* policy) {
    if (policy == nullptr) return std::nullopt;
    return PushBacklog{.bytes_max = static_cast<std::uint64_t>(policy->size),
                       .age_max = Seconds{policy->time}};
}

}  // namespace

Pusher::Pusher(Context context) : context_(std::move(context)) {
    watch_ = context_.log.watch([this] {
        const auto lines = lines_;
        for (const auto& [id, line] : lines) line->pump();
    });
}

// --- What is set up

/// Events are wanted at once, also those that happen before the cursors are known.
void Pusher::start(PushBook book) {
    book_ = std::move(book);
    context_.log.set_rule_kinds(wanted_kinds());
    load_cursors({});
}

void Pusher::load_cursors(std::string marker) {
    store::DocumentQuery query;
    query.kind = DocumentKind::push_cursor;
    query.paging = {.marker = std::move(marker), .offset = 0, .limit = page_documents_max};
    context_.documents.list(
        std::move(query), context_.home,
        [this](std::error_code error, const store::CataloguePage<store::DocumentPtr>& page) {
            if (error) return tell_unreadable();
            for (const store::DocumentPtr& each : page.records) {
                if (const auto cursor = parse_event_id(each->body)) cursors_[each->id] = *cursor;
            }
            if (page.records.size() == page_documents_max) return load_cursors(page.marker);
            on_loaded();
        });
}

void Pusher::on_loaded() {
    is_loaded_ = true;
    is_starting_ = true;
    serve_all();
    is_starting_ = false;
    cursors_.clear();
}

void Pusher::tell_unreadable() {
    Event event;
    event.severity = Severity::error;
    event.name = "push_cursors_unreadable";
    event.detail = "nothing is pushed until the next start";
    context_.events.on_event(event);
}

bool Pusher::may_target(const HttpUrl& url) const {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(url.host, error);
    return error || context_.policy.allows(address);
}

// --- Who is served

/// Begins what an active rule wants, and ends what none does.
void Pusher::serve_all() {
    if (!is_loaded_) return;
    std::vector<std::string> over;
    for (const auto& [id, line] : lines_) over.push_back(id);
    flows_.set(book_.flow_policies, context_.clock.now());
    for (const auto& [id, action] : book_.actions) {
        const PushRule* const rule = find_in(book_.rules, action.rule_id);
        if (rule == nullptr || !rule->is_active) continue;
        std::erase(over, id);
        serve(action, *rule);
    }
    for (const std::string& id : over) end(id);
    std::erase_if(hosts_, [](const auto& each) { return each.second.use_count() == 1; });
    context_.log.set_rule_kinds(wanted_kinds());
}

EventKinds Pusher::wanted_kinds() const {
    EventKinds kinds = 0;
    for (const auto& [id, action] : book_.actions) {
        const PushRule* const rule = find_in(book_.rules, action.rule_id);
        if (rule != nullptr && rule->is_active) kinds |= kinds_of(rule->kind);
    }
    return kinds;
}

void Pusher::serve(const PushAction& action, const PushRule& rule) {
    auto terms = terms_of(action, rule);
    if (!terms) return;
    PushLinePtr& line = lines_[action.action_id];
    if (line) {
        line->set(*std::move(terms));
    } else {
        const Position cursor = first_cursor(action.action_id);
        line = std::make_shared<PushLine>(context_, *std::move(terms), cursor);
        if (!cursors_.contains(action.action_id)) line->save();
    }
    const PushLinePtr pumped = line;
    pumped->pump();
}

std::optional<PushLine::Terms> Pusher::terms_of(const PushAction& action, const PushRule& rule) {
    auto url = parse_http_url(action.url);
    ClientTlsPtr tls = tls_of(action);
    if (!url || !tls) return std::nullopt;
    PushLine::Terms terms{
        .action = action, .rule = rule, .url = *url, .tls = std::move(tls), .host = host_of(*url)};
    const std::size_t own_rate = context_.settings.events_per_second;
    terms.flow = flows_.flow_of(action, own_rate, context_.clock.now());
    terms.backlog = backlog_of(book_.backlog_policy());
    if (action.cert_id.empty()) return terms;
    const PushCertificate* const certificate = find_in(book_.certificates, action.cert_id);
    terms.lacks_certificate = certificate == nullptr;
    if (certificate != nullptr) terms.certificate_expires_at = certificate->expires_at;
    return terms;
}

/// The one that is used already, unless it says something else: connections are kept with it.
ClientTlsPtr Pusher::tls_of(const PushAction& action) const {
    const PushCertificate* const certificate = find_in(book_.certificates, action.cert_id);
    ClientTlsSettings settings{.authorities_pem = certificate == nullptr ? "" : certificate->pem,
                               .name = action.cn_name,
                               .sends_name = action.sends_name.value_or(action.cn_name.empty())};
    const auto found = lines_.find(action.action_id);
    if (found != lines_.end() && found->second->terms().tls->settings == settings) {
        return found->second->terms().tls;
    }
    const auto tls = make_client_tls(std::move(settings));
    return tls ? *tls : nullptr;
}

PushHostPtr Pusher::host_of(const HttpUrl& url) {
    PushHostPtr& host = hosts_[url.origin()];
    if (!host) host = std::make_shared<PushHost>();
    return host;
}

/// A rule begins with what happens from now on; after a start everything goes on. What was never saved had
/// only begun.
Position Pusher::first_cursor(const std::string& action_id) const {
    const auto known = cursors_.find(action_id);
    if (known != cursors_.end()) return std::min(known->second, context_.log.last());
    return is_starting_ ? Position{number_of(context_.log.first()) - 1} : context_.log.last();
}

void Pusher::end(const std::string& action_id) {
    const auto found = lines_.find(action_id);
    found->second->end();
    ended_ += found->second->totals();
    lines_.erase(found);
    flows_.forget(action_id);
    context_.documents.remove(DocumentKind::push_cursor, action_id, context_.home,
                              [](std::error_code) {});
}

// --- Now and then

/// Each time another one is first: limits that several share are nobody's alone.
void Pusher::on_tick() {
    const Instant now = context_.clock.now();
    const bool is_time = now >= next_save_;
    if (is_time) next_save_ = now + save_interval;
    std::vector<PushLinePtr> lines;
    for (const auto& [id, line] : lines_) lines.push_back(line);
    const auto first = std::ranges::find_if(lines, [&](const PushLinePtr& line) {
        return line->terms().action.action_id > pumped_first_;
    });
    std::rotate(lines.begin(), first, lines.end());
    pumped_first_ = lines.empty() ? "" : lines.front()->terms().action.action_id;
    for (const PushLinePtr& line : lines) {
        line->pump();
        if (is_time) line->save();
    }
}

PushActionState Pusher::state_of(const std::string& action_id) const {
    const auto found = lines_.find(action_id);
    if (found != lines_.end()) return found->second->state();
    PushActionState state;
    state.action_id = action_id;
    return state;
}

std::vector<PushActionState> Pusher::states() const {
    std::vector<PushActionState> states;
    for (const auto& [id, line] : lines_) states.push_back(line->state());
    return states;
}

PushTotals Pusher::totals() const {
    PushTotals totals = ended_;
    for (const auto& [id, line] : lines_) totals += line->totals();
    return totals;
}

std::uint64_t Pusher::backlog() const {
    const std::uint64_t last = number_of(context_.log.last());
    std::uint64_t most = 0;
    for (const auto& [id, line] : lines_) {
        most = std::max(most, last - std::min(last, number_of(line->cursor())));
    }
    return most;
}

}  // namespace holdfast::api
