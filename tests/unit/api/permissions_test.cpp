#include "api/permissions.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace holdfast::api;

BOOST_AUTO_TEST_SUITE(permissions)

BOOST_AUTO_TEST_CASE(a_name_allows_its_action_and_a_wildcard_all_below) {
    const Permissions one{{"iotda:messages:send"}};
    BOOST_TEST(one.allow(Action::messages_send));
    BOOST_TEST(!one.allow(Action::messages_query));
    const Permissions messages{{"iotda:messages:*", "iotda:devices:query"}};
    BOOST_TEST(messages.allow(Action::messages_query_list));
    BOOST_TEST(messages.allow(Action::devices_query));
    BOOST_TEST(!messages.allow(Action::devices_query_list));
    const Permissions platform{{"iotda:*"}};
    BOOST_TEST(platform.allow(Action::products_delete));
    BOOST_TEST(!platform.allow(Action::bans_lift));
}

BOOST_AUTO_TEST_CASE(no_pattern_allows_what_is_for_passwords_only) {
    const Permissions all{
        {"iotda:*", "holdfast:*", "holdfast:keys:*", "holdfast:keys:manage", ":*", "*"}};
    BOOST_TEST(all.allow(Action::bans_lift));
    BOOST_TEST(!all.allow(Action::keys_manage));
    BOOST_TEST(!all.allow(Action::open));
    BOOST_TEST(!all.allow(Action::identity));
    BOOST_TEST(!is_permission("holdfast:keys:manage"));
    BOOST_TEST(!is_permission("holdfast:keys:*"));
}

BOOST_AUTO_TEST_CASE(only_names_and_wildcards_at_the_end_of_a_part_are_permissions) {
    for (const char* good : {"iotda:messages:send", "iotda:messages:*", "iotda:*", "holdfast:*"}) {
        BOOST_TEST(is_permission(good), good);
    }
    for (const char* bad : {"", "*", "iotda", "iotda:messages", "iotda:mess*", "iotda:*:send",
                            "iotda:messages:sent", "IOTDA:*", "iotda:messages:send "}) {
        BOOST_TEST(!is_permission(bad), bad);
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_kept_and_allows_nothing) {
    const Permissions later{{"iotda:dreams:read"}};
    BOOST_TEST_REQUIRE(later.patterns().size() == 1U);
    for (std::size_t i = 0; i < action_count; ++i) {
        BOOST_TEST(!later.allow(static_cast<Action>(i)));
    }
}

BOOST_AUTO_TEST_CASE(each_action_has_a_name_of_its_own_and_stands_in_the_list) {
    std::set<std::string_view> names;
    const std::string all = all_permissions();
    for (std::size_t i = 0; i < action_count; ++i) {
        const auto action = static_cast<Action>(i);
        if (action == Action::open || action == Action::identity) continue;
        BOOST_TEST(names.insert(name_of(action)).second, name_of(action));
        BOOST_TEST((all.find(name_of(action)) != std::string::npos) == is_for_keys(action));
    }
    BOOST_TEST(!names.contains(""));
}

BOOST_AUTO_TEST_SUITE_END()
