#include "api/handlers/bans.hpp"

#include "api/iso_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;

std::string address_text(const BanView& ban) {
    return ban.is_network ? ban.address + "/64" : ban.address;
}

json::object to_json(const BanView& ban, WallTime now) {
    json::object object{{"ban_id", std::to_string(ban.number)}, {"address", address_text(ban)}};
    // A name bans only those who use it; without one everybody from there is.
    if (!ban.name.empty()) object.emplace("name", ban.name);
    object.emplace("expires_at", iso_time_microseconds(now + ban.left));
    object.emplace("expires_in_seconds", ban.left.count());
    object.emplace("failures", ban.failures);
    object.emplace("times_banned", ban.times);
    return object;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return number;
}

awaitable<Response> list_bans(Exchange, BansContext context) {
    json::array bans;
    const WallTime now = context.clock.wall_now();
    for (const BanView& ban : context.source.bans()) bans.push_back(to_json(ban, now));
    co_return json_response(http::status::ok, json::object{{"bans", std::move(bans)}});
}

awaitable<Response> lift_ban(Exchange exchange, BansContext context) {
    const auto number = number_of(exchange.parameter("ban_id"));
    if (!number || !context.source.lift(*number, exchange.caller().name())) {
        co_return error_response(http::status::not_found, "there is no ban of this ban_id");
    }
    co_return empty_response(http::status::no_content);
}

awaitable<Response> lift_bans(Exchange exchange, BansContext context) {
    const auto address = exchange.find_query("address");
    std::uint64_t lifted = 0;
    for (const BanView& ban : context.source.bans()) {
        const bool is_meant = !address || ban.address == *address || address_text(ban) == *address;
        if (is_meant && context.source.lift(ban.number, exchange.caller().name())) ++lifted;
    }
    co_return json_response(http::status::ok, json::object{{"lifted", lifted}});
}

}  // namespace

void add_ban_routes(Routes& routes, const BansContext& context) {
    routes.add(http::verb::get, "/admin/bans", Action::bans_query,
               [context](Exchange exchange) { return list_bans(std::move(exchange), context); });
    routes.add(http::verb::delete_, "/admin/bans", Action::bans_lift,
               [context](Exchange exchange) { return lift_bans(std::move(exchange), context); });
    routes.add(http::verb::delete_, "/admin/bans/{ban_id}", Action::bans_lift,
               [context](Exchange exchange) { return lift_ban(std::move(exchange), context); });
}

}  // namespace holdfast::api
