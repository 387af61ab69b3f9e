#include "api/http_work.hpp"

#include "api/http_refusals.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace holdfast::api {

namespace {

RequestFacts facts_of(const RequestParser& parser, const HttpContext& context) {
    const auto& request = parser.get();
    RequestFacts facts;
    facts.request_id = make_request_id(context.random);
    if (context.events.wants(Severity::debug)) {
        facts.line.append(std::string_view{request.method_string()}).append(" ");
        facts.line.append(std::string_view{request.target()}.substr(0, 200));
    }
    facts.version = request.version();
    facts.is_head = request.method() == http::verb::head;
    facts.keeps_alive = request.keep_alive();
    return facts;
}

/// What a body may come to, as far as its header tells.
std::size_t body_bytes_of(const RequestParser& parser, const HttpLimits& limits) {
    if (parser.is_done()) return 0;
    const auto length = parser.content_length();
    return length ? static_cast<std::size_t>(*length) : limits.body_bytes_max;
}

Response too_many_bodies() {
    Response response = error_response(http::status::service_unavailable,
                                       "there are too many request bodies at once");
    response.set(http::field::retry_after, "1");
    return response;
}

}  // namespace

bool judge(Work& work, HttpContext& context) {
    const RequestHeader& header = work.parser.get();
    work.facts = facts_of(work.parser, context);
    if (auto refusal = judge_framing(header)) {
        work.response = std::move(*refusal);
    } else if (auto match = context.routes.resolve(header); !match) {
        work.response = std::move(match.error());
    } else if (work.body.emplace(context, body_bytes_of(work.parser, context.limits))
                   .is_too_much()) {
        work.response = too_many_bodies();
    } else {
        work.match = std::move(*match);
        return true;
    }
    // A body that nobody wants is not read: what follows it would be taken for a request.
    work.facts.keeps_alive = work.facts.keeps_alive && work.parser.is_done();
    return false;
}

bool refuse_unread(Work& work, const HttpContext& context, const boost::system::error_code& error,
                   bool has_timed_out) {
    auto refusal = refusal_of(error, context.limits, has_timed_out);
    if (!refusal) return false;
    work.response = std::move(*refusal);
    work.facts = facts_of(work.parser, context);
    work.facts.keeps_alive = false;
    work.facts.is_head = false;
    work.facts.version = 11;
    return true;
}

}  // namespace holdfast::api
