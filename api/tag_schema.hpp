#pragma once
// Tags of devices: what requests say about them, checked, and tags as devices show them. The catalogue keeps
// one as a link from the device to the key (store::LinkKind::device_tag).
// Threads: values of one thread.

#include "api/json_fields.hpp"
#include "store/documents.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace holdfast::api {

/// Of one device.
inline constexpr std::size_t device_tags_max = 10;

struct Tag {
    std::string key;
    std::optional<std::string> value;  ///< none: in a query, any; else the empty text
};
struct TagBinding {
    std::string device_id;
    std::vector<Tag> tags;
};
[[nodiscard]] boost::system::result<TagBinding, FieldError> read_tag_binding(
    const boost::json::value& body);
/// Values are absent.
[[nodiscard]] boost::system::result<TagBinding, FieldError> read_tag_unbinding(
    const boost::json::value& body);
/// Of devices that have them all.
[[nodiscard]] boost::system::result<std::vector<Tag>, FieldError> read_tag_query(
    const boost::json::value& body);

[[nodiscard]] store::LinkQuery tags_query(std::string device_id);
[[nodiscard]] std::vector<store::Link> links_of(const TagBinding& binding);
[[nodiscard]] boost::json::array tags_json(const std::vector<store::Link>& links);

}  // namespace holdfast::api
