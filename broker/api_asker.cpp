#include "api_asker.hpp"

#include "access/text_file.hpp"
#include "api/http_client.hpp"

#include <boost/asio/io_context.hpp>

#include <optional>
#include <utility>

namespace holdfast {

namespace {

ApiAnswer answer_of(const api::ClientResult& result) {
    if (result.has_error()) return {0, result.error().detail, {}};
    ApiAnswer answer{result->status, result->body, {}};
    const auto token = result->fields["X-Subject-Token"];
    answer.token.assign(token.data(), token.size());
    return answer;
}

ApiAnswer ask_once(const ApiQuestion& question, const api::HttpUrl& server,
                   const api::ClientTlsPtr& tls, const Clock& clock) {
    boost::asio::io_context loop;
    api::ClientRequest request{.method = question.method, .url = server};
    request.url.target = question.target;
    request.tls = tls;
    request.body = question.body;
    request.limits.response_bytes_max = 4 * 1024 * 1024;
    if (!question.token.empty()) request.fields.emplace_back("X-Auth-Token", question.token);
    if (!question.body.empty()) request.fields.emplace_back("Content-Type", "application/json");
    std::optional<ApiAnswer> answer;
    {
        api::HttpClient client{
            loop.get_executor(), clock, {.policy = {.allows_all = true, .allowed = {}}}};
        client.send(std::move(request), [&](const api::ClientResult& result) {
            answer = answer_of(result);
            loop.stop();
        });
        loop.run();
    }
    return answer.value_or(ApiAnswer{0, "nothing came", {}});
}

}  // namespace

ApiAsker make_api_asker(const ServerAddress& server, const Clock& clock) {
    const auto url = api::parse_http_url(server.url);
    if (url.has_error()) return {{}, "--server " + server.url + ": " + url.error()};
    api::ClientTlsPtr tls;
    if (!server.ca_file.empty()) {
        const auto text = access::read_text_file(server.ca_file);
        if (!text) return {{}, text.error().message()};
        auto made = api::make_client_tls({.authorities_pem = *text, .name = {}});
        if (made.has_error()) return {{}, server.ca_file + ": " + made.error()};
        tls = std::move(*made);
    }
    return {[url = *url, tls, &clock](const ApiQuestion& question) {
                return ask_once(question, url, tls, clock);
            },
            {}};
}

}  // namespace holdfast
