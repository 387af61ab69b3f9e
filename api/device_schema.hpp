#pragma once
// What applications say about a device: bodies to values, checked field by field, and a device as they see
// it. Which rule a field has is in docs/http-api-devices.md.
// Threads: values of one thread.

#include "api/json_fields.hpp"
#include "store/catalogue.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

/// The rule of device_id in bodies and paths.
[[nodiscard]] TextRule device_id_rule();

/// The device of a POST. Empty product_id, app_id, device_id and secret are for the caller to fill in.
[[nodiscard]] boost::system::result<store::Device, FieldError> read_new_device(
    const boost::json::value& body);

/// What a PUT changes.
struct DeviceUpdate {
    std::optional<std::string> device_name;
    std::optional<std::string> description;
    std::optional<std::string> extension_info;
    std::optional<bool> is_secure_access;
    std::optional<std::chrono::seconds> activation_timeout;

    void apply_to(store::Device& device) const;
};
[[nodiscard]] boost::system::result<DeviceUpdate, FieldError> read_device_update(
    const boost::json::value& body);

struct SecretReset {
    std::string secret;  ///< empty: to be made
    bool is_secondary = false;
    bool force_disconnect = false;
};
[[nodiscard]] boost::system::result<SecretReset, FieldError> read_secret_reset(
    const boost::json::value& body);

struct FingerprintReset {
    std::string fingerprint;  ///< empty: that of the next certificate to come
    bool is_secondary = false;
    bool force_disconnect = false;
};
[[nodiscard]] boost::system::result<FingerprintReset, FieldError> read_fingerprint_reset(
    const boost::json::value& body);

enum class SecretsShown : bool { no, yes };

/// `product_name` is that of its product; `is_online` what is known at this moment.
[[nodiscard]] boost::json::object device_json(const store::Device& device,
                                              std::string_view product_name, bool is_online,
                                              SecretsShown secrets);
/// What device_json() shows with SecretsShown::no of what it shows with yes.
[[nodiscard]] boost::json::object without_secrets(boost::json::object shown);

}  // namespace holdfast::api
