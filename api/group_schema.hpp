#pragma once
// Device groups: bodies to values, checked, the document that the catalogue keeps, and a group as
// applications see it. Threads: values of one thread.

#include "api/exchange.hpp"
#include "api/json_fields.hpp"
#include "store/documents.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

struct DeviceGroup {
    std::string group_id;  ///< empty: the catalogue's to give
    std::string app_id;
    std::string name;
    std::string description;
    std::string super_group_id;  ///< empty: it stands in no other
};

/// Of a POST. An empty app_id is for the caller to fill in.
[[nodiscard]] boost::system::result<DeviceGroup, FieldError> read_new_group(
    const boost::json::value& body);

/// What a PUT changes.
struct GroupUpdate {
    std::optional<std::string> name;
    std::optional<std::string> description;
    void apply_to(DeviceGroup& group) const;
};
[[nodiscard]] boost::system::result<GroupUpdate, FieldError> read_group_update(
    const boost::json::value& body);

[[nodiscard]] DeviceGroup group_of(const store::Document& document);
/// Without the instant of its creation.
[[nodiscard]] store::Document document_of(const DeviceGroup& group);
[[nodiscard]] boost::json::object group_json(const DeviceGroup& group);

/// The rule of ids that the catalogue gives.
[[nodiscard]] TextRule document_id_rule();
/// Empty: the request may go on. For paths with {name}, the id of a document.
[[nodiscard]] std::optional<Response> refuse_document_id(const Exchange& exchange,
                                                         std::string_view name);

}  // namespace holdfast::api
