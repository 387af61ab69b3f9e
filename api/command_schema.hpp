#pragma once
// What applications may ask of a device, checked, and the JSON that the device gets: commands,
// properties to be set, properties to be read. Values go to the device as they were written.
// Source: the contract, sections 3.7 and 5.4. Threads: any.

#include "api/json_fields.hpp"
#include "base/time.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// The members of the object that goes to the device, each a JSON text, but for object_device_id.
struct RequestDraft {
    struct Member {
        std::string_view key;
        std::string text;
    };
    std::vector<Member> members;
};

/// When a command that is not waited for goes out.
enum class SendStrategy : std::uint8_t {
    delay,        ///< when the device is there, at the latest after expire_time
    immediately,  ///< now, or not at all
};
[[nodiscard]] std::string_view to_string(SendStrategy strategy);
[[nodiscard]] std::optional<SendStrategy> send_strategy_of(std::string_view word);

struct AsyncCommandDraft {
    RequestDraft request;
    std::string command_name;  ///< also in `request`; empty: none
    Seconds expire_time{86'400};
    SendStrategy strategy = SendStrategy::delay;
};

/// `text` is the body as it came, `body` what the parser made of it.
[[nodiscard]] boost::system::result<RequestDraft, FieldError> read_command(
    std::string_view text, const boost::json::value& body);
[[nodiscard]] boost::system::result<RequestDraft, FieldError> read_properties_to_set(
    std::string_view text, const boost::json::value& body);
[[nodiscard]] boost::system::result<AsyncCommandDraft, FieldError> read_async_command(
    std::string_view text, const boost::json::value& body);
/// `service_id` as the query has it.
[[nodiscard]] boost::system::result<RequestDraft, FieldError> read_properties_query(
    const std::optional<std::string>& service_id);

/// Of a device's answer to a command: it is done. result_code is 0, or left out.
[[nodiscard]] bool says_done(const boost::json::object& answer);

/// `object_device_id`: of a device behind a gateway; empty: there is none.
[[nodiscard]] std::string payload_of(const RequestDraft& draft, std::string_view object_device_id);

/// 1..64 characters.
[[nodiscard]] TextRule service_id_rule();

}  // namespace holdfast::api
