#include "key_command.hpp"

#include "api/installation.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string_view>
#include <utility>

namespace holdfast {

namespace {

namespace json = boost::json;
using boost::beast::http::verb;
using Action = KeyCommand::Action;

/// As whom the commands ask.
struct Login {
    std::string token;
    std::string keys;  ///< the path of the keys
};

std::string text_in(const json::value& body, std::string_view pointer) {
    boost::system::error_code error;
    const json::value* const found = body.find_pointer(pointer, error);
    return found != nullptr && found->is_string() ? std::string{found->get_string()}
                                                  : std::string{};
}

json::value parsed(const std::string& text) {
    boost::system::error_code error;
    json::value body = json::parse(text, error);
    return error ? json::value{} : body;
}

ApiReport failed(const ApiAnswer& answer) {
    if (answer.status == 0) return {false, "the server does not answer: " + answer.body};
    const json::value body = parsed(answer.body);
    std::string why = text_in(body, "/error_msg");
    if (why.empty()) why = text_in(body, "/error/message");
    return {false, "the server refuses: " + (why.empty() ? "HTTP status " : why + " (") +
                       std::to_string(answer.status) + (why.empty() ? "" : ")")};
}

/// An empty token: it did not work, and `report` says why.
Login log_in(const AskApi& ask, const ReadPassword& read_password, ApiReport& report) {
    const auto password = read_password("Password of the administrator: ");
    if (!password || password->empty()) {
        report = {false, "there is no password"};
        return {};
    }
    const json::value request{
        {"auth",
         {{"identity",
           {{"methods", json::array{"password"}},
            {"password",
             {{"user", {{"name", api::administrator_name}, {"password", *password}}}}}}}}}};
    const ApiAnswer answer =
        ask({.method = verb::post, .target = "/v3/auth/tokens", .body = json::serialize(request)});
    if (answer.status != 201) {
        report = failed(answer);
        return {};
    }
    const std::string project_id = text_in(parsed(answer.body), "/token/project/id");
    return {answer.token, "/v5/iot/" + project_id + "/keys"};
}

ApiQuestion question_of(const KeyCommand& command, const Login& login) {
    const std::string one = login.keys + "/" + command.key_id;
    const auto with_status = [&](std::string_view status) {
        return ApiQuestion{verb::put, one, login.token,
                           json::serialize(json::value{{"status", status}})};
    };
    switch (command.action) {
        case Action::add: break;
        case Action::list: return {verb::get, login.keys, login.token};
        case Action::disable: return with_status("DISABLED");
        case Action::enable: return with_status("ENABLED");
        case Action::remove: return {verb::delete_, one, login.token};
    }
    json::object body{{"kind", command.is_api_key ? "API_KEY" : "ACCESS_KEY"},
                      {"name", command.name}};
    json::array& permissions = body["permissions"].emplace_array();
    for (const std::string& name : command.permissions) permissions.emplace_back(name);
    if (!command.expires.empty()) body.emplace("expires_time", command.expires);
    return {verb::post, login.keys, login.token, json::serialize(body)};
}

/// "HF...  ACCESS_KEY  ENABLED  last used 20260101T120000Z  shop: iotda:messages:send"
std::string line_of(const json::value& key) {
    const std::string last_used = text_in(key, "/last_used_time");
    const std::string expires = text_in(key, "/expires_time");
    std::string line =
        text_in(key, "/key_id") + "  " + text_in(key, "/kind") + "  " + text_in(key, "/status") +
        "  " + (last_used.empty() ? "never used" : "last used " + last_used) +
        (expires.empty() ? "" : "  expires " + expires) + "  " + text_in(key, "/name") + ":";
    const json::object* const object = key.if_object();
    const json::value* const permissions =
        object != nullptr ? object->if_contains("permissions") : nullptr;
    if (permissions != nullptr && permissions->is_array()) {
        for (const json::value& name : permissions->get_array()) {
            if (name.is_string()) line.append(" ").append(std::string_view{name.get_string()});
        }
    }
    return line + "\n";
}

std::string text_of(const KeyCommand& command, const std::string& answered) {
    const json::value body = parsed(answered);
    std::string text;
    if (command.action == Action::list) {
        const json::value* const keys =
            body.is_object() ? body.get_object().if_contains("keys") : nullptr;
        if (keys == nullptr || !keys->is_array()) return text;
        for (const json::value& key : keys->get_array()) text += line_of(key);
    }
    if (command.action == Action::add) {
        for (const char* const name : {"key_id", "ak", "sk", "api_key"}) {
            const std::string value = text_in(body, "/" + std::string{name});
            if (!value.empty()) text.append(name).append(" ").append(value).append("\n");
        }
    }
    return text;
}

}  // namespace

ApiReport run_key_command(const KeyCommand& command, const AskApi& ask,
                          const ReadPassword& read_password) {
    ApiReport report;
    const Login login = log_in(ask, read_password, report);
    if (login.token.empty()) return report;
    const ApiAnswer answer = ask(question_of(command, login));
    if (answer.status < 200 || answer.status > 299) return failed(answer);
    return {true, text_of(command, answer.body)};
}

ApiReport run_admin_command(const AskApi& ask, const ReadPassword& read_password) {
    const auto original = read_password("Password of the administrator: ");
    const auto password = read_password("New password: ");
    if (!original || !password) return {false, "there is no password"};
    const json::value body{{"user", {{"original_password", *original}, {"password", *password}}}};
    const ApiAnswer answer =
        ask({.method = verb::post,
             .target = "/v3/users/" + std::string{api::administrator_name} + "/password",
             .body = json::serialize(body)});
    if (answer.status != 204) return failed(answer);
    return {true, "it is changed; tokens that were given before are refused\n"};
}

}  // namespace holdfast
