#include "command_line_keys.hpp"

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

constexpr const char* server = "--server=http://127.0.0.1:8080";

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line_keys)

BOOST_AUTO_TEST_CASE(a_new_key_has_a_name_and_permissions) {
    const auto add = parsed<KeyCommand>({"key", "add", server, "--name", "shop", "--allow",
                                         "iotda:messages:send,iotda:devices:*", "--ca", "ca.pem",
                                         "--password-file", "p", "--expires", "20300101T000000Z"});
    BOOST_TEST((add.action == KeyCommand::Action::add));
    BOOST_TEST(add.server.url == "http://127.0.0.1:8080");
    BOOST_TEST(add.server.ca_file == "ca.pem");
    BOOST_TEST(add.server.password_file == "p");
    BOOST_TEST(add.name == "shop");
    BOOST_TEST(
        (add.permissions == std::vector<std::string>{"iotda:messages:send", "iotda:devices:*"}));
    BOOST_TEST(add.expires == "20300101T000000Z");
    BOOST_TEST(!add.is_api_key);
    BOOST_TEST(parsed<KeyCommand>(
                   {"key", "add", server, "--name", "n", "--allow", "iotda:*", "--kind", "api_key"})
                   .is_api_key);
}

BOOST_AUTO_TEST_CASE(other_actions_have_a_key_or_none) {
    const auto disable = parsed<KeyCommand>({"key", "disable", server, "HF1"});
    BOOST_TEST((disable.action == KeyCommand::Action::disable));
    BOOST_TEST(disable.key_id == "HF1");
    BOOST_TEST((parsed<KeyCommand>({"key", "enable", "HF1", server}).action ==
                KeyCommand::Action::enable));
    BOOST_TEST((parsed<KeyCommand>({"key", "delete", "HF1", server}).action ==
                KeyCommand::Action::remove));
    BOOST_TEST((parsed<KeyCommand>({"key", "list", server}).action == KeyCommand::Action::list));
    BOOST_TEST((parsed<HelpCommand>({"key", "--help"}).command == "key"));
}

BOOST_AUTO_TEST_CASE(a_key_command_that_makes_no_sense_is_told_why) {
    BOOST_TEST(refusal({"key"}).starts_with("key needs add, list, disable, enable or delete"));
    BOOST_TEST(refusal({"key", "ad"}).starts_with("there is no `key ad`; did you mean `add`"));
    BOOST_TEST(refusal({"key", "list"}).starts_with("key list needs --server URL"));
    BOOST_TEST(refusal({"key", "add", server, "--name", "n"}).starts_with("key add needs --name"));
    BOOST_TEST(refusal({"key", "add", server, "--name", "n", "--allow", ","}) != "");
    BOOST_TEST(refusal({"key", "add", server, "--name", "n", "--allow", "a", "x"}) ==
               "there is a word too many; `holdfast help key` says how");
    BOOST_TEST(refusal({"key", "add", server, "--name", "n", "--allow", "a", "--kind", "x"})
                   .starts_with("--kind is access_key or api_key"));
    BOOST_TEST(refusal({"key", "disable", server}).starts_with("key disable needs one KEY_ID"));
    BOOST_TEST(refusal({"key", "list", server, "x"}).starts_with("key list needs no name"));
    BOOST_TEST(
        refusal({"key", "list", server, "--name", "x"}).starts_with("--name goes with key add"));
}

BOOST_AUTO_TEST_CASE(the_administrator_is_of_a_running_server_or_of_a_directory) {
    BOOST_TEST(parsed<AdminCommand>({"admin", "passwd", server}).server.url ==
               "http://127.0.0.1:8080");
    BOOST_TEST(parsed<AdminCommand>({"admin", "passwd", "--data", "d"}).data_directory == "d");
    BOOST_TEST(refusal({"admin"}).starts_with("admin needs passwd"));
    BOOST_TEST(
        refusal({"admin", "passwd"}).starts_with("admin passwd needs --server URL or --data"));
    BOOST_TEST(refusal({"admin", "passwd", server, "--data", "d"}) != "");
    BOOST_TEST((parsed<HelpCommand>({"admin", "-h"}).command == "admin"));
    BOOST_TEST(help_text({"admin"}).find("passwd") != std::string::npos);
    BOOST_TEST(help_text({"key"}).find("--allow") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
