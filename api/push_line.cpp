#include "api/push_line.hpp"

#include "api/contract_time.hpp"
#include "base/digest.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::api {

using store::Position;

namespace {

constexpr std::size_t page_events_max = 128;
/// What an event takes in a backlog beside its body.
constexpr std::uint64_t envelope_bytes = 256;

std::uint64_t number_of(Position position) { return static_cast<std::uint64_t>(position); }

std::uint64_t bytes_of(const LoggedEvent& logged) {
    return logged.event.body.size() + envelope_bytes;
}

bool is_accepted(const ClientResult& result) {
    return result && result->status >= 200 && result->status < 300;
}

std::string why_not(const ClientResult& result) {
    if (result) return "the receiver answered " + std::to_string(result->status);
    return std::string{to_string(result.error().failure)} + ": " + result.error().detail;
}

std::uint64_t overflowed(const PushTotals& totals) {
    return totals.of(PushDrop::backlog_size) + totals.of(PushDrop::backlog_time);
}

}  // namespace

PushLine::PushLine(const PushContext& context, Terms terms, Position cursor)
    : context_(context), terms_(std::move(terms)), feed_(context.settings, cursor) {
    feed_.set_backlog(terms_.backlog);
}

void PushLine::set(Terms terms) {
    terms_ = std::move(terms);
    feed_.set_backlog(terms_.backlog);
}

void PushLine::pump() {
    if (has_ended_) return;
    if (context_.log.has_ended_waiting()) return save();
    read();
    const Instant now = context_.clock.now();
    const PushState state = judge();
    if (state == PushState::certificate_missing || state == PushState::certificate_expired) {
        feed_.discard(now);
    } else {
        PushHost& host = *terms_.host;
        while (const PushFeed::Entry* const entry = feed_.next(host, terms_.flow, now))
            send(*entry);
    }
    tell_changes();
}

// --- Events

/// For the window if it has room, else what is behind it.
void PushLine::read() {
    if (is_reading_) return;
    skip_what_is_gone();
    const Position last = context_.log.last();
    const bool is_for_window = feed_.has_room() && feed_.read_through() < last;
    if (!is_for_window && feed_.looked_through() >= last) return;
    is_reading_ = true;
    const Position after = is_for_window ? feed_.read_through() : feed_.looked_through();
    context_.log.read(after, page_events_max,
                      [self = shared_from_this(), is_for_window](std::error_code error,
                                                                 const EventLog::Page& page) {
                          self->is_reading_ = false;
                          if (!error && !self->has_ended_) self->on_page(page, is_for_window);
                      });
}

void PushLine::skip_what_is_gone() {
    const std::uint64_t gone = number_of(context_.log.first()) - 1;
    if (number_of(feed_.read_through()) >= gone) return;
    const std::uint64_t count = gone - number_of(feed_.read_through());
    feed_.skip_to(Position{gone}, count);
    tell(Severity::warning, "push_events_lost",
         "[events] kept less than had to wait for the receiver", count);
}

void PushLine::on_page(const EventLog::Page& page, bool is_for_window) {
    for (const LoggedEvent& each : page.events) {
        if (!terms_.rule.matches(each.event)) continue;
        if (is_for_window) {
            feed_.add(entry_of(each));
        } else {
            feed_.look_at(each.position, bytes_of(each));
        }
    }
    if (is_for_window) feed_.set_read_through(page.looked_through);
    feed_.set_looked_through(page.looked_through);
    if (!page.events.empty() || !page.is_last) pump();
}

PushFeed::Entry PushLine::entry_of(const LoggedEvent& logged) const {
    const auto age = std::max(context_.clock.wall_now() - logged.event.at, Milliseconds{0});
    const Instant happened_at = context_.clock.now() - age;
    const PlatformEventSubject& subject = logged.event.subject;
    return {.position = logged.position,
            .order = subject.device_id.empty() ? subject.product_id : subject.device_id,
            .text = event_json(logged),
            .bytes = bytes_of(logged),
            .happened_at = happened_at,
            .expires_at = happened_at + context_.settings.retry_for};
}

void PushLine::send(const PushFeed::Entry& entry) {
    ClientRequest request;
    request.method = boost::beast::http::verb::post;
    request.url = terms_.url;
    request.tls = terms_.tls;
    request.fields = {{"Content-Type", "application/json"}};
    request.body = entry.text;
    request.limits.request_timeout = context_.settings.timeout;
    request.limits.connect_timeout = context_.settings.timeout;
    if (terms_.action.is_signed) sign(request);
    // The entry may be gone when the answer comes, and the action, too.
    context_.send(std::move(request), [self = shared_from_this(), host = terms_.host,
                                       position = entry.position](const ClientResult& result) {
        const bool was_blocked = host->is_blocked();
        if (is_accepted(result)) host->on_success();
        if (!is_accepted(result))
            host->on_failure(self->context_.clock.now(), self->context_.settings);
        if (host->is_blocked() && !was_blocked) {
            self->tell(Severity::warning, "push_blocked", why_not(result));
        }
        if (was_blocked && !host->is_blocked()) {
            self->tell(Severity::info, "push_resumed", "the receiver is back");
        }
        self->on_result(position, result);
    });
}

void PushLine::on_result(Position position, const ClientResult& result) {
    if (is_accepted(result)) {
        feed_.on_success(position);
        last_failure_.clear();
    } else {
        feed_.on_failure(position, context_.clock.now(), jitter());
        last_failure_ = why_not(result);
        tell(Severity::debug, "push_failed", last_failure_);
    }
    if (has_ended_) return;
    // Not inside the call: a client that fails at once would call ever deeper.
    context_.home.post([self = shared_from_this()] { self->pump(); });
}

/// What the receiver can check: hexadecimal SHA-256 of token, timestamp and nonce, sorted.
void PushLine::sign(ClientRequest& request) const {
    const auto now = context_.clock.wall_now().time_since_epoch().count();
    std::array<std::string, 3> parts{terms_.action.token, std::to_string(now),
                                     random_hex(context_.random, 8)};
    request.fields.emplace_back("timestamp", parts[1]);
    request.fields.emplace_back("nonce", parts[2]);
    std::ranges::sort(parts);
    request.fields.emplace_back("signature", sha256_hex(parts[0] + parts[1] + parts[2]));
}

void PushLine::save() {
    const Position cursor = feed_.cursor();
    if (is_saving_ || cursor == saved_) return;
    is_saving_ = true;
    store::Document document{.kind = store::DocumentKind::push_cursor,
                             .id = terms_.action.action_id,
                             .body = event_id(cursor)};
    context_.documents.put(
        std::move(document), context_.home,
        [self = shared_from_this(), cursor](std::error_code error, const store::DocumentPtr&) {
            self->is_saving_ = false;
            if (!error) self->saved_ = cursor;
        });
}

// --- What is known of it

PushState PushLine::judge() const {
    if (terms_.lacks_certificate) return PushState::certificate_missing;
    if (terms_.certificate_expires_at <= context_.clock.wall_now()) {
        return PushState::certificate_expired;
    }
    return terms_.host->is_blocked() ? PushState::blocked : PushState::working;
}

PushActionState PushLine::state() const {
    return {.action_id = terms_.action.action_id,
            .state = judge(),
            .waiting = feed_.waiting(),
            .waiting_bytes = feed_.waiting_bytes(),
            .oldest_age = feed_.oldest_age(context_.clock.now()),
            .totals = feed_.totals(),
            .last_failure = last_failure_};
}

/// Each once when it begins, and once when it is over.
void PushLine::tell_changes() {
    const PushState state = judge();
    const bool is_stopped =
        state == PushState::certificate_missing || state == PushState::certificate_expired;
    if (is_stopped && !is_stopped_) {
        const std::string& cert_id = terms_.action.cert_id;
        tell(Severity::warning, "push_stopped",
             std::string{to_string(state)} + ": " + cert_id +
                 "; give the action another cert_id, or replace the certificate");
    }
    if (is_stopped_ && !is_stopped) tell(Severity::info, "push_resumed", "it has a certificate");
    is_stopped_ = is_stopped;

    const std::uint64_t discarded = overflowed(feed_.totals());
    if (discarded > overflow_told_ && !is_overflowing_) {
        is_overflowing_ = true;
        overflow_begin_ = overflow_told_;
        tell(Severity::warning, "push_backlog_full",
             "more waits than the backlog policy allows: the oldest events are discarded");
    }
    overflow_told_ = discarded;
    if (is_overflowing_ && feed_.waiting() == 0) {
        is_overflowing_ = false;
        tell(Severity::warning, "push_backlog_over",
             "nothing waits any more; so many are discarded", discarded - overflow_begin_);
    }
}

unsigned PushLine::jitter() const {
    std::array<std::uint8_t, 2> bytes{};
    context_.random.fill(bytes);
    return (bytes[0] * 256U + bytes[1]) % 1000U;
}

void PushLine::tell(Severity severity, std::string_view name, const std::string& detail,
                    std::uint64_t count) const {
    if (!context_.events.wants(severity)) return;
    const std::string text =
        "action " + terms_.action.action_id + " to " + terms_.url.origin() + ": " + detail;
    Event event;
    event.severity = severity;
    event.name = name;
    event.detail = text;
    event.count = count;
    context_.events.on_event(event);
}

}  // namespace holdfast::api
