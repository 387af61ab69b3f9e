#include "access/token_rules.hpp"

#include "access/token_json.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;

namespace {

constexpr auto qos1 = QoS::at_least_once;

boost::system::result<TokenRulesPtr, std::string> read(const std::string& acl) {
    const auto object = parse_token_json(R"({"acl":)" + acl + "}");
    BOOST_TEST_REQUIRE(object.has_value());
    return read_token_rules(object->at("acl"));
}

/// Allows everything that begins with `f`, as a file of rules would.
class FileRights final : public session::Rights {
public:
    [[nodiscard]] bool may_publish(std::string_view topic, QoS, bool) const override {
        return topic.starts_with('f');
    }
    [[nodiscard]] bool may_subscribe(std::string_view filter, QoS) const override {
        return filter.starts_with('f') || filter.starts_with("$share/g/f");
    }
    [[nodiscard]] bool may_receive(std::string_view topic) const override {
        return topic.starts_with('f');
    }
};

TokenRights rights(const std::string& acl, session::RightsPtr others = nullptr) {
    return {*read(acl), Who{.client_id = "c", .user_name = "alice"}, std::move(others)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(token_rules)

BOOST_AUTO_TEST_CASE(what_the_list_allows_is_all_there_is_without_a_file) {
    const auto mine = rights(R"([{"allow":["publish"],"topics":["plant/${client_id}/${username}"]},
                                 {"allow":["subscribe","receive"],"topics":["news/#","x/+"]}])");
    BOOST_TEST(mine.may_publish("plant/c/alice", qos1, true));
    BOOST_TEST(!mine.may_publish("plant/d/alice", qos1, false));
    BOOST_TEST(!mine.may_publish("news/1", qos1, false));
    BOOST_TEST(mine.may_subscribe("news/#", qos1));
    BOOST_TEST(mine.may_subscribe("$share/g/news/1", qos1));
    BOOST_TEST(!mine.may_subscribe("#", qos1));
    BOOST_TEST(!mine.may_subscribe("$share/g/#", qos1));
    BOOST_TEST(!mine.may_subscribe("$share/g", qos1));
    BOOST_TEST(mine.may_receive("x/1"));
    BOOST_TEST(!mine.may_receive("plant/c/alice"));
    const auto nothing = rights("[]");
    BOOST_TEST(!nothing.may_publish("a", qos1, false));
    BOOST_TEST(!nothing.may_subscribe("a", qos1));
    BOOST_TEST(!nothing.may_receive("a"));
}

BOOST_AUTO_TEST_CASE(the_first_that_speaks_of_it_decides) {
    const auto mine = rights(R"([{"deny":["readwrite"],"topics":["a/secret"]},
                                 {"allow":["readwrite"],"topics":["a/#"]}])");
    BOOST_TEST(mine.may_publish("a/b", qos1, false));
    BOOST_TEST(!mine.may_publish("a/secret", qos1, false));
    BOOST_TEST(!mine.may_receive("a/secret"));
    BOOST_TEST(!mine.may_subscribe("a/#", qos1));
    BOOST_TEST(mine.may_subscribe("a/b/#", qos1));
}

BOOST_AUTO_TEST_CASE(the_files_rules_decide_about_the_rest) {
    const auto mine = rights(R"([{"allow":["publish"],"topics":["t"]},
                                 {"deny":["readwrite"],"topics":["f/no"]}])",
                             std::make_shared<FileRights>());
    BOOST_TEST(mine.may_publish("t", qos1, false));
    BOOST_TEST(mine.may_publish("f", qos1, false));
    BOOST_TEST(!mine.may_publish("f/no", qos1, false));
    BOOST_TEST(!mine.may_publish("g", qos1, false));
    BOOST_TEST(!mine.may_receive("f/no"));
    BOOST_TEST(mine.may_receive("f/yes"));
    BOOST_TEST(!mine.may_subscribe("f/#", qos1));
    BOOST_TEST(mine.may_subscribe("$share/g/f/yes", qos1));
    BOOST_TEST(!mine.may_subscribe("t", qos1));
}

BOOST_AUTO_TEST_CASE(a_list_that_is_not_understood_is_refused_whole) {
    for (const std::string acl :
         {"{}", "null", "\"publish\"", "[1]", "[[]]", "[{}]", R"([{"allow":["publish"]}])",
          R"([{"topics":["a"]}])", R"([{"allow":["publish"],"topics":[]}])",
          R"([{"allow":[],"topics":["a"]}])", R"([{"allow":"publish","topics":["a"]}])",
          R"([{"allow":["publish"],"topics":"a"}])", R"([{"allow":["write"],"topics":["a"]}])",
          R"([{"allow":["publish",1],"topics":["a"]}])", R"([{"allow":["publish"],"topics":["a",1]}])",
          R"([{"allow":["publish"],"deny":["receive"],"topics":["a"]}])",
          R"([{"allow":["publish"],"topics":["a"],"qos_max":1}])",
          R"([{"allow":["publish"],"topics":["a/#/b"]}])",
          R"([{"allow":["publish"],"topics":["${nobody}"]}])",
          R"([{"allow":["publish"],"topics":["a"]},{"deny":["publish"]}])"}) {
        BOOST_TEST(read(acl).has_error(), acl);
    }
}

BOOST_AUTO_TEST_SUITE_END()
