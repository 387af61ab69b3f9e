#include "api/client_response.hpp"

#include "base/error.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/write.hpp>

#include <sstream>
#include <utility>

namespace holdfast::api {

namespace http = boost::beast::http;
using boost::system::error_code;

std::string request_bytes(const ClientRequest& request) {
    http::request<http::string_body> message{request.method, request.url.target, 11};
    message.set(http::field::host, request.url.authority);
    message.set(http::field::user_agent, "Holdfast");
    for (const auto& [name, value] : request.fields) message.set(name, value);
    message.body() = request.body;
    message.prepare_payload();
    std::ostringstream stream;
    stream << message.base() << message.body();
    return std::move(stream).str();
}

ResponseReader::ResponseReader(const ClientRequest& request)
    : origin_(request.url.origin()),
      body_bytes_max_(request.limits.response_bytes_max),
      is_head_(request.method == http::verb::head) {
    begin();
}

void ResponseReader::begin() {
    parser_.emplace();
    parser_->eager(true);
    parser_->body_limit(body_bytes_max_);
    parser_->header_limit(response_header_bytes_max);
    if (is_head_) parser_->skip(true);
}

ResponseReader::State ResponseReader::on_bytes(std::string_view bytes) {
    has_begun_ = has_begun_ || !bytes.empty();
    buffer_.append(bytes);
    return parse();
}

ResponseReader::State ResponseReader::parse() {
    while (!buffer_.empty()) {
        error_code error;
        const std::size_t used = parser_->put(boost::asio::buffer(buffer_), error);
        buffer_.erase(0, used);
        if (error == http::error::need_more) break;
        if (error == http::error::body_limit || error == http::error::header_limit ||
            error == http::error::buffer_overflow) {
            return fail(ClientFailure::response_too_large, error.message());
        }
        if (error) return fail(ClientFailure::response_invalid, error.message());
        if (parser_->is_done()) {
            if (const State state = on_message(); state != State::reading) return state;
        }
    }
    return State::reading;
}

ResponseReader::State ResponseReader::on_message() {
    if (parser_->get().result_int() < 200) {
        if (++interim_ >= interim_responses_max) {
            return fail(ClientFailure::response_invalid,
                        "too many responses of 1xx, and none that counts");
        }
        begin();
        return State::reading;
    }
    auto response = parser_->release();
    keeps_connection_ = response.keep_alive() && buffer_.empty();
    ClientResponse given;
    given.status = response.result_int();
    given.body = std::move(response.body());
    given.fields = std::move(response.base());
    result_ = std::move(given);
    return State::complete;
}

ResponseReader::State ResponseReader::on_end() {
    error_code error;
    if (parser_->got_some()) parser_->put_eof(error);
    if (!error && parser_->is_done()) {
        const State state = on_message();
        keeps_connection_ = false;
        return state;
    }
    return fail(ClientFailure::connection_lost, "the connection ended before it was complete");
}

ResponseReader::State ResponseReader::fail(ClientFailure failure, std::string_view why) {
    result_ = ClientError{failure, "the response of " + origin_ + ": " + std::string{why}};
    return State::failed;
}

ClientResult ResponseReader::take() {
    CHECK(result_.has_value());
    return *std::exchange(result_, std::nullopt);
}

}  // namespace holdfast::api
