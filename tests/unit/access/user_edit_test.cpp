#include "access/user_edit.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast::access;

namespace {

std::string result_of(UserChange change, std::string_view name,
                      std::string_view text = "# top\na:1\nab:2\n") {
    const auto changed = change_user(text, "users", change, name, "new");
    return changed ? *changed : changed.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(user_edit)

BOOST_AUTO_TEST_CASE(comments_and_order_stay) {
    BOOST_TEST(result_of(UserChange::add, "c") == "# top\na:1\nab:2\nc:new\n");
    BOOST_TEST(result_of(UserChange::passwd, "a") == "# top\na:new\nab:2\n");
    BOOST_TEST(result_of(UserChange::remove, "a") == "# top\nab:2\n");
    BOOST_TEST(result_of(UserChange::add, "c", "a:1") == "a:1\nc:new\n");
    BOOST_TEST(result_of(UserChange::add, "c", "") == "c:new\n");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_changed_is_said) {
    BOOST_TEST(
        result_of(UserChange::add, "a").starts_with("users:2: the user a is there already;"));
    BOOST_TEST(result_of(UserChange::passwd, "x").starts_with("users: there is no user x;"));
    BOOST_TEST(result_of(UserChange::remove, "b").starts_with("users: there is no user b;"));
    BOOST_TEST(result_of(UserChange::add, "a:b").starts_with("users: the name has a colon;"));
    BOOST_TEST(result_of(UserChange::add, "").starts_with("users: the name is empty;"));
    BOOST_TEST(result_of(UserChange::add, "#a").find("comment") != std::string::npos);
    BOOST_TEST(result_of(UserChange::add, "a\nb").find("control") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
