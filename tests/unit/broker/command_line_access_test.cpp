#include "command_line_access.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace holdfast;

namespace {

template <class T>
T parsed(const std::vector<std::string>& arguments) {
    const auto command = parse_command_line(arguments);
    BOOST_REQUIRE_MESSAGE(command.has_value(), arguments.back());
    return std::get<T>(*command);
}

std::string refusal(const std::vector<std::string>& arguments) {
    const auto command = parse_command_line(arguments);
    return command ? "" : command.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line_access)

BOOST_AUTO_TEST_CASE(user_has_an_action_a_file_and_a_name) {
    const auto add = parsed<UserCommand>({"user", "add", "--file", "users", "alice"});
    BOOST_TEST((add.action == UserCommand::Action::add));
    BOOST_TEST(add.file == "users");
    BOOST_TEST(add.name == "alice");
    const auto removed = parsed<UserCommand>({"user", "delete", "bob", "--file=u"});
    BOOST_TEST((removed.action == UserCommand::Action::remove));
    BOOST_TEST(removed.name == "bob");
    BOOST_TEST(
        (parsed<UserCommand>({"user", "list", "--file", "u"}).action == UserCommand::Action::list));
    BOOST_TEST((parsed<HelpCommand>({"user", "add", "--help"}).command == "user"));
    BOOST_TEST(help_text({"user"}).find("never on the command line") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(user_says_how_many_iterations_scram_gets) {
    const auto iterations = [](const std::string& value) {
        return parsed<UserCommand>({"user", "add", "--file", "u", "--scram-iterations", value, "a"})
            .scram_iterations;
    };
    BOOST_TEST((parsed<UserCommand>({"user", "add", "--file", "u", "a"}).scram_iterations ==
                access::ScramVerifier::iterations_default));
    BOOST_TEST((iterations("4096") == 4'096U));
    BOOST_TEST((iterations("1000000") == 1'000'000U));
    BOOST_TEST(!iterations("none").has_value());
    for (const char* wrong : {"4095", "1000001", "", "many", "0"}) {
        BOOST_TEST(refusal({"user", "passwd", "--file", "u", "--scram-iterations", wrong, "a"})
                       .starts_with("--scram-iterations is 4096 to 1000000, or none;"));
    }
    BOOST_TEST(refusal({"user", "delete", "--file", "u", "--scram-iterations", "5000", "a"})
                   .starts_with("--scram-iterations belongs to add and passwd;"));
}

BOOST_AUTO_TEST_CASE(a_wrong_user_command_says_what_is_missing) {
    BOOST_TEST(refusal({"user"}).starts_with("user needs add, passwd, delete or list;"));
    BOOST_TEST(refusal({"user", "ad", "--file", "u", "a"}).find("did you mean") !=
               std::string::npos);
    BOOST_TEST(refusal({"user", "add", "a"}).starts_with("user add needs --file FILE;"));
    BOOST_TEST(refusal({"user", "add", "--file", "u"}).starts_with("user add needs one name;"));
    BOOST_TEST(
        refusal({"user", "list", "--file", "u", "a"}).starts_with("user list needs no name;"));
    BOOST_TEST(refusal({"user", "add", "--file", "u", "a", "secret"}).find("one name") !=
               std::string::npos);
    BOOST_TEST(refusal({"user", "add", "--password", "x", "--file", "u", "a"})
                   .starts_with("there is no option `--password`"));
    BOOST_TEST(refusal({"user", "add", "a", "--file"}).starts_with("--file needs a value;"));
    BOOST_TEST(refusal({"user", "list", "--file", "a", "--file", "b"}).find("twice") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(explain_has_a_deed_and_whose_it_is) {
    const auto asked = parsed<ExplainCommand>({"explain", "publish", "--config", "c.toml", "--user",
                                               "a", "--client-id", "c", "--topic", "t", "--qos",
                                               "2", "--retain", "--listener", "8883"});
    BOOST_TEST((asked.deed == ExplainCommand::Deed::publish));
    BOOST_TEST(asked.config_file == "c.toml");
    BOOST_TEST(asked.user_name.value() == "a");
    BOOST_TEST(asked.topic == "t");
    BOOST_TEST(asked.qos == 2);
    BOOST_TEST(asked.retain);
    BOOST_TEST(asked.listener_port.value() == 8883);
    const auto connect =
        parsed<ExplainCommand>({"explain", "connect", "--config=f", "--client-id="});
    BOOST_TEST(!connect.user_name);
    BOOST_TEST(connect.client_id.empty());
}

BOOST_AUTO_TEST_CASE(a_wrong_explanation_says_what_is_missing) {
    const std::string rest = "`holdfast help explain` says how";
    BOOST_TEST(refusal({"explain"}) == "explain needs connect, publish or subscribe; " + rest);
    BOOST_TEST(refusal({"explain", "connect"}) ==
               "explain needs --config FILE and --client-id ID; " + rest);
    BOOST_TEST(refusal({"explain", "publish", "--config", "f", "--client-id", "c"}) ==
               "explain publish needs --topic; " + rest);
    BOOST_TEST(refusal({"explain", "publish", "--config", "f", "--client-id", "c", "--topic", "t",
                        "--qos", "3"}) == "--qos is 0, 1 or 2; " + rest);
}

BOOST_AUTO_TEST_SUITE_END()
