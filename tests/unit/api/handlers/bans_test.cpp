#include "api/handlers/bans.hpp"

#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace holdfast;
using namespace holdfast::api;

namespace {

class FakeBans final : public BanSource {
public:
    [[nodiscard]] std::vector<BanView> bans() override { return current; }
    bool lift(std::uint64_t number, std::string_view who) override {
        lifted_by = who;
        return std::erase_if(current, [&](const BanView& ban) { return ban.number == number; }) != 0;
    }
    std::vector<BanView> current{
        {.number = 7, .address = "192.0.2.7", .name = "pump-7", .left = Seconds{57}, .failures = 10,
         .times = 1},
        {.number = 8, .address = "2001:db8::", .is_network = true, .name = {}, .left = Seconds{120},
         .failures = 100, .times = 2}};
    std::string lifted_by;
};

struct Served : ApiWorld {
    FakeBans source;
    Served() { add_ban_routes(routes, {source, clock}); }
    std::int64_t lifted(std::string_view target) {
        return object_of(ask(http::verb::delete_, target)).at("lifted").as_int64();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(bans)

BOOST_FIXTURE_TEST_CASE(bans_are_listed, Served) {
    const Response response = ask(http::verb::get, "/admin/bans");
    BOOST_TEST(response.result_int() == 200U);
    BOOST_TEST(response.body() ==
               R"({"bans":[{"ban_id":"7","address":"192.0.2.7","name":"pump-7",)"
               R"("expires_at":"2026-01-01T00:00:57.000000Z","expires_in_seconds":57,)"
               R"("failures":10,"times_banned":1},{"ban_id":"8","address":"2001:db8::/64",)"
               R"("expires_at":"2026-01-01T00:02:00.000000Z","expires_in_seconds":120,)"
               R"("failures":100,"times_banned":2}]})"
               "\n");
}

BOOST_FIXTURE_TEST_CASE(one_is_lifted_by_its_number, Served) {
    BOOST_TEST(ask(http::verb::delete_, "/admin/bans/7").result_int() == 204U);
    BOOST_TEST(source.lifted_by == administrator_name);
    BOOST_TEST(source.current.size() == 1U);
    for (const char* const path : {"/admin/bans/7", "/admin/bans/x", "/admin/bans/8x",
                                   "/admin/bans/99999999999999999999999"}) {
        BOOST_TEST(ask(http::verb::delete_, path).result_int() == 404U, path);
    }
}

BOOST_FIXTURE_TEST_CASE(those_of_an_address_are_lifted_or_all, Served) {
    BOOST_TEST(lifted("/admin/bans?address=192.0.2.9") == 0);
    BOOST_TEST(lifted("/admin/bans?address=2001:db8::%2F64") == 1);
    BOOST_TEST(lifted("/admin/bans") == 1);
    BOOST_TEST(source.current.empty());
}

BOOST_FIXTURE_TEST_CASE(without_a_token_nothing_is_shown_or_lifted, Served) {
    token.clear();
    BOOST_TEST(ask(http::verb::get, "/admin/bans").result_int() == 401U);
    BOOST_TEST(ask(http::verb::delete_, "/admin/bans").result_int() == 401U);
    BOOST_TEST(ask(http::verb::delete_, "/admin/bans/7").result_int() == 401U);
    BOOST_TEST(source.current.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
