#include "api/installation.hpp"

#include "base/digest.hpp"
#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct World {
    std::unique_ptr<store::SqliteCatalogue> catalogue = open_catalogue();
    CountingBytes random;
    ManualClock clock;
    Tokens tokens{random};
    InstallationContext context{*catalogue, random, clock, cheap_password};
    test_support::CatalogueCaller caller{*catalogue};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(installation, World)

BOOST_AUTO_TEST_CASE(the_first_start_makes_identifiers_and_the_default_product) {
    const Installation made = prepare_installation(context, tokens).value();
    BOOST_TEST(from_hex(made.project_id).size() == 16U);
    BOOST_TEST(from_hex(made.domain_id).size() == 16U);
    BOOST_TEST(from_hex(made.default_app_id).size() == 16U);
    BOOST_TEST(made.project_id != made.domain_id);
    BOOST_TEST(!made.lost_tokens);
    const store::ProductPtr product = caller.find_product(made.default_product_id).found;
    BOOST_TEST_REQUIRE(product != nullptr);
    BOOST_TEST(product->name == "default");
    BOOST_TEST(product->protocol_type == "MQTT");
    BOOST_TEST(product->app_id == made.default_app_id);
}

BOOST_AUTO_TEST_CASE(a_later_start_finds_them) {
    const Installation first = prepare_installation(context, tokens).value();
    const Installation second = prepare_installation(context, tokens).value();
    BOOST_TEST(second.project_id == first.project_id);
    BOOST_TEST(second.domain_id == first.domain_id);
    BOOST_TEST(second.default_app_id == first.default_app_id);
    BOOST_TEST(second.default_product_id == first.default_product_id);
    BOOST_TEST(caller.list_products({}).found.count == 1U);
}

BOOST_AUTO_TEST_CASE(a_default_product_that_was_deleted_stays_deleted) {
    const Installation first = prepare_installation(context, tokens).value();
    BOOST_TEST(!caller.remove_product(first.default_product_id));
    BOOST_TEST(prepare_installation(context, tokens).has_value());
    BOOST_TEST(caller.list_products({}).found.count == 0U);
}

BOOST_AUTO_TEST_CASE(the_administrators_password_is_told_once) {
    const auto password = ensure_administrator(context).value();
    BOOST_TEST_REQUIRE(password.has_value());
    BOOST_TEST(password->size() == 24U);
    const auto user = caller.find_user("admin").found;
    BOOST_TEST_REQUIRE(user.has_value());
    BOOST_TEST(is_password(*password, user->password_hash));
    BOOST_TEST(!ensure_administrator(context).value().has_value());
    BOOST_TEST(caller.find_user("admin").found->password_hash == user->password_hash);
}

BOOST_AUTO_TEST_CASE(tokens_of_before_are_valid_again) {
    const std::string token = tokens.issue("admin", clock.wall);
    BOOST_TEST(!caller.put_setting("tokens", tokens.to_text(clock.wall)));
    Tokens after{random};
    BOOST_TEST(!prepare_installation(context, after).value().lost_tokens);
    BOOST_TEST(after.find_user(token, clock.wall).has_value());
}

BOOST_AUTO_TEST_CASE(tokens_that_cannot_be_read_are_reported_and_stop_nobody) {
    BOOST_TEST(!caller.put_setting("tokens", "[{"));
    BOOST_TEST(prepare_installation(context, tokens).value().lost_tokens);
}

BOOST_AUTO_TEST_CASE(a_lost_password_is_replaced_and_all_tokens_are_forgotten) {
    const std::string lost = ensure_administrator(context).value().value();
    const std::string token = tokens.issue(administrator_name, clock.wall);
    BOOST_TEST(!caller.put_setting(std::string{Tokens::setting_name}, tokens.to_text(clock.wall)));
    BOOST_TEST(!reset_administrator(context, "a new one").has_error());
    const store::User user = caller.find_user("admin").found.value();
    BOOST_TEST(is_password("a new one", user.password_hash));
    BOOST_TEST(!is_password(lost, user.password_hash));
    Tokens after{random};
    BOOST_TEST(!prepare_installation(context, after).value().lost_tokens);
    BOOST_TEST(after.size() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
