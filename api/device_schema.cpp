#include "api/device_schema.hpp"

#include "api/contract_time.hpp"
#include "api/iso_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <limits>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::size_t extension_bytes_max = 1'024;
constexpr std::string_view extension_rule = "must have at most 1024 bytes";

const TextRule node_id_rule{1, 64, identifier_alphabet};
const TextRule product_id_rule{1, 36, identifier_alphabet};
const TextRule device_name_rule{0, 256, name_alphabet};
const TextRule description_rule{0, 2'048};
const TextRule secret_rule{8, 32, identifier_alphabet, true};

/// True: the secondary one.
constexpr std::array which_of_two{Word<bool>{"PRIMARY", false}, Word<bool>{"SECONDARY", true}};

std::optional<std::string> to_owned(std::optional<std::string_view> text) {
    if (!text) return std::nullopt;
    return std::string{*text};
}

std::optional<std::string> find_extension_info(JsonFields& fields) {
    constexpr std::string_view key = "extension_info";
    if (!fields.find_object(key)) return std::nullopt;
    std::string text = json::serialize(*fields.find_value(key));
    if (text.size() > extension_bytes_max) fields.fail(key, extension_rule);
    return text;
}

std::optional<std::chrono::seconds> find_timeout(JsonFields& auth_info) {
    constexpr std::int64_t timeout_max = std::numeric_limits<std::int32_t>::max();
    const auto seconds = auth_info.find_integer("timeout", {0, timeout_max});
    if (!seconds) return std::nullopt;
    return std::chrono::seconds{*seconds};
}

/// In lower case, as the catalogue keeps it; empty: absent or wrong.
std::string find_fingerprint(JsonFields& fields, std::string_view key) {
    constexpr std::string_view rule =
        "must be a text of 40 (SHA-1) or 64 (SHA-256) hexadecimal digits";
    const auto given = fields.find_text(key, {});
    if (!given) return {};
    std::string digits{*given};
    for (char& c : digits) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    const bool is_of_digits = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (is_of_digits && (digits.size() == 40 || digits.size() == 64)) return digits;
    fields.fail(key, rule);
    return {};
}

/// What belongs to the other type would never be asked for, and its sender thinks it would.
void refuse_others(JsonFields& auth_info, store::AuthType type) {
    const bool is_secret = type == store::AuthType::secret;
    const auto others = is_secret ? std::array{"fingerprint", "secondary_fingerprint"}
                                  : std::array{"secret", "secondary_secret"};
    for (const char* const key : others) {
        const json::value* const given = auth_info.find_value(key);
        if (given == nullptr || given->is_null()) continue;
        auth_info.fail(key, is_secret ? "must be there with auth_type CERTIFICATES only"
                                      : "must be there with auth_type SECRET only");
    }
}

void read_auth_info(JsonFields& fields, store::Device& device) {
    auto auth_info = fields.find_object("auth_info");
    if (!auth_info) return;
    constexpr std::array types{
        Word<store::AuthType>{"SECRET", store::AuthType::secret},
        Word<store::AuthType>{"CERTIFICATES", store::AuthType::certificates}};
    device.auth_type = auth_info->find_word("auth_type", types).value_or(store::AuthType::secret);
    refuse_others(*auth_info, device.auth_type);
    device.secret = auth_info->find_text("secret", secret_rule).value_or("");
    device.secondary_secret = auth_info->find_text("secondary_secret", secret_rule).value_or("");
    device.fingerprint = find_fingerprint(*auth_info, "fingerprint");
    device.secondary_fingerprint = find_fingerprint(*auth_info, "secondary_fingerprint");
    device.is_secure_access = auth_info->find_bool("secure_access").value_or(false);
    device.activation_timeout = find_timeout(*auth_info).value_or(std::chrono::seconds{0});
}

std::string_view status_of(const store::Device& device, bool is_online) {
    if (device.is_frozen) return "FROZEN";
    if (is_online) return "ONLINE";
    return device.activated_at ? "OFFLINE" : "INACTIVE";
}

json::object auth_info_json(const store::Device& device, SecretsShown secrets) {
    const bool is_secret = device.auth_type == store::AuthType::secret;
    json::object auth_info{{"auth_type", is_secret ? "SECRET" : "CERTIFICATES"},
                           {"secure_access", device.is_secure_access},
                           {"timeout", device.activation_timeout.count()}};
    const auto show = [&auth_info](std::string_view key, const std::string& value) {
        if (!value.empty()) auth_info[key] = value;
    };
    show("fingerprint", device.fingerprint);
    show("secondary_fingerprint", device.secondary_fingerprint);
    if (secrets == SecretsShown::no || !is_secret) return auth_info;
    auth_info["secret"] = device.secret;
    show("secondary_secret", device.secondary_secret);
    return auth_info;
}

}  // namespace

TextRule device_id_rule() { return {1, 128, identifier_alphabet}; }

boost::system::result<store::Device, FieldError> read_new_device(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    store::Device device;
    device.device_id = fields.find_text("device_id", device_id_rule()).value_or("");
    device.node_id = fields.text("node_id", node_id_rule);
    device.device_name = fields.find_text("device_name", device_name_rule).value_or("");
    device.product_id = fields.find_text("product_id", product_id_rule).value_or("");
    device.app_id = fields.find_text("app_id", product_id_rule).value_or("");
    device.gateway_id = fields.find_text("gateway_id", device_id_rule()).value_or("");
    device.description = fields.find_text("description", description_rule).value_or("");
    device.extension_info = find_extension_info(fields).value_or("");
    read_auth_info(fields, device);
    if (error) return std::move(*error);
    return device;
}

void DeviceUpdate::apply_to(store::Device& device) const {
    if (device_name) device.device_name = *device_name;
    if (description) device.description = *description;
    if (extension_info) device.extension_info = *extension_info;
    if (is_secure_access) device.is_secure_access = *is_secure_access;
    if (activation_timeout) device.activation_timeout = *activation_timeout;
}

boost::system::result<DeviceUpdate, FieldError> read_device_update(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    DeviceUpdate update;
    update.device_name = to_owned(fields.find_text("device_name", device_name_rule));
    update.description = to_owned(fields.find_text("description", description_rule));
    update.extension_info = find_extension_info(fields);
    if (auto auth_info = fields.find_object("auth_info")) {
        update.is_secure_access = auth_info->find_bool("secure_access");
        update.activation_timeout = find_timeout(*auth_info);
    }
    if (error) return std::move(*error);
    return update;
}

boost::system::result<SecretReset, FieldError> read_secret_reset(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    SecretReset reset;
    reset.secret = fields.find_text("secret", secret_rule).value_or("");
    reset.is_secondary = fields.find_word("secret_type", which_of_two).value_or(false);
    reset.force_disconnect = fields.find_bool("force_disconnect").value_or(false);
    if (error) return std::move(*error);
    return reset;
}

boost::system::result<FingerprintReset, FieldError> read_fingerprint_reset(
    const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    FingerprintReset reset;
    reset.fingerprint = find_fingerprint(fields, "fingerprint");
    reset.is_secondary = fields.find_word("fingerprint_type", which_of_two).value_or(false);
    reset.force_disconnect = fields.find_bool("force_disconnect").value_or(false);
    if (error) return std::move(*error);
    return reset;
}

json::object device_json(const store::Device& device, std::string_view product_name, bool is_online,
                         SecretsShown secrets) {
    const bool is_direct = device.gateway_id.empty();
    json::object shown{{"app_id", device.app_id},
                       {"device_id", device.device_id},
                       {"node_id", device.node_id},
                       {"gateway_id", is_direct ? device.device_id : device.gateway_id},
                       {"device_name", device.device_name},
                       {"node_type", is_direct ? "GATEWAY" : "ENDPOINT"},
                       {"description", device.description},
                       {"auth_info", auth_info_json(device, secrets)},
                       {"product_id", device.product_id},
                       {"product_name", product_name},
                       {"status", status_of(device, is_online)},
                       {"create_time", contract_time(device.created_at)},
                       {"tags", json::array{}}};
    if (device.activated_at) shown["active_time"] = iso_time_milliseconds(*device.activated_at);
    if (device.connection_changed_at) {
        shown["connection_status_update_time"] =
            iso_time_milliseconds(*device.connection_changed_at);
    }
    if (!device.extension_info.empty()) {
        shown["extension_info"] = json::parse(device.extension_info);
    }
    return shown;
}

json::object without_secrets(json::object shown) {
    if (json::value* const auth_info = shown.if_contains("auth_info")) {
        auth_info->as_object().erase("secret");
        auth_info->as_object().erase("secondary_secret");
    }
    return shown;
}

}  // namespace holdfast::api
