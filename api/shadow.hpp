#pragma once
// Shadow: what is known of a device's properties while it is away: per service those that applications
// desire and those that the device has reported last, with their times, and a version that counts the
// changes of what is desired. Values of properties are JSON texts, as they were written.
// Source: the contract, sections 3.7 and 5.4. Values; threads: any.

#include "api/json_fields.hpp"
#include "api/property_report.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// Of a shadow as JSON.
inline constexpr std::size_t shadow_bytes_max = 256 * 1024;

struct ShadowProperties {
    std::map<std::string, std::string> values;  ///< name, JSON text
    std::string event_time;                     ///< empty: never
    /// Sets what the JSON object has.
    void set(std::string_view object, std::string_view time);
    void set(const ShadowProperties& newer);
};
struct ShadowService {
    std::string service_id;
    ShadowProperties desired;
    ShadowProperties reported;
    std::uint64_t version = 0;
};

class Shadow {
public:
    /// `text`: what to_json() gave.
    [[nodiscard]] static Shadow parse(std::string_view text);
    /// [{"service_id", "desired": {"properties", "event_time"}, "reported": {...}, "version"}]
    [[nodiscard]] std::string to_json() const;

    [[nodiscard]] ShadowService& service(std::string_view service_id);
    [[nodiscard]] const ShadowService* find(std::string_view service_id) const;
    void remove(std::string_view service_id);
    /// Only that one, if there is one.
    void keep_only(std::string_view service_id);

    void merge_reported(const std::vector<ReportedService>& services);
    void merge_reported(const Shadow& newer);

    [[nodiscard]] bool empty() const { return services_.empty(); }
    [[nodiscard]] std::size_t size() const { return services_.size(); }

private:
    std::vector<ShadowService> services_;
};

/// What an application desires of one service.
struct DesiredUpdate {
    std::string service_id;
    std::string desired;  ///< a JSON object: null takes a property away; an empty one, all of them
    std::optional<std::uint64_t> version;  ///< the one that the service must have
};
/// {"shadow": [{"service_id", "desired", "version"}]}
[[nodiscard]] boost::system::result<std::vector<DesiredUpdate>, FieldError> read_desired(
    std::string_view text, const boost::json::value& body);
/// False: a version is not the one that is there; nothing was changed.
[[nodiscard]] bool apply(const std::vector<DesiredUpdate>& updates, std::string_view time,
                         Shadow& shadow);

}  // namespace holdfast::api
