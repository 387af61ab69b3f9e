#include "api/tag_schema.hpp"

#include "api/device_schema.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

bool is_of_tag(char32_t c) {
    constexpr std::u32string_view marks = U"_-.:=@/";
    constexpr std::u32string_view others = U"?'#(),&%!";  // of names only
    if (marks.find(c) != std::u32string_view::npos) return true;
    return others.find(c) == std::u32string_view::npos && name_alphabet.contains(c);
}
constexpr Alphabet tag_alphabet{is_of_tag, "Chinese, letters, digits and _-.:=@/"};
const TextRule key_rule{1, 64, tag_alphabet};
const TextRule value_rule{0, 128, tag_alphabet};

/// There is one type of resource.
void require_device(JsonFields& fields) {
    constexpr std::array types{Word<bool>{"device", true}};
    if (!fields.find_word("resource_type", types)) fields.fail("resource_type", "must be device");
}

std::string read_device_id(JsonFields& fields) {
    require_device(fields);
    return std::string{fields.text("resource_id", device_id_rule())};
}

bool has_key(const std::vector<Tag>& tags, std::string_view key) {
    return std::ranges::any_of(tags, [key](const Tag& tag) { return tag.key == key; });
}

std::vector<Tag> read_tags(JsonFields& fields) {
    std::vector<Tag> tags;
    for (JsonFields& tag : fields.find_objects("tags", device_tags_max)) {
        const std::string_view key = tag.text("tag_key", key_rule);
        if (has_key(tags, key)) tag.fail("tag_key", "must not be there twice");
        const auto value = tag.find_text("tag_value", value_rule);
        tags.push_back({std::string{key},
                        value ? std::optional<std::string>{*value} : std::optional<std::string>{}});
    }
    if (tags.empty()) fields.fail("tags", "must have 1 to 10 tags");
    return tags;
}

}  // namespace

boost::system::result<TagBinding, FieldError> read_tag_binding(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    TagBinding binding{read_device_id(fields), read_tags(fields)};
    if (error) return std::move(*error);
    return binding;
}

boost::system::result<TagBinding, FieldError> read_tag_unbinding(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    TagBinding binding{read_device_id(fields), {}};
    for (const std::string_view key : fields.find_texts("tag_keys", device_tags_max, key_rule)) {
        binding.tags.push_back({std::string{key}, std::nullopt});
    }
    if (binding.tags.empty()) fields.fail("tag_keys", "must have 1 to 10 keys");
    if (error) return std::move(*error);
    return binding;
}

boost::system::result<std::vector<Tag>, FieldError> read_tag_query(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    require_device(fields);
    std::vector<Tag> tags = read_tags(fields);
    if (error) return std::move(*error);
    return tags;
}

store::LinkQuery tags_query(std::string device_id) {
    store::LinkQuery query;
    query.kind = store::LinkKind::device_tag;
    query.source = std::move(device_id);
    query.paging.limit = device_tags_max;
    return query;
}

std::vector<store::Link> links_of(const TagBinding& binding) {
    std::vector<store::Link> links;
    for (const Tag& tag : binding.tags) {
        links.push_back({store::LinkKind::device_tag, binding.device_id, tag.key,
                         tag.value.value_or(std::string{})});
    }
    return links;
}

json::array tags_json(const std::vector<store::Link>& links) {
    json::array tags;
    for (auto link = links.rbegin(); link != links.rend(); ++link) {
        tags.push_back(json::object{{"tag_key", link->target}, {"tag_value", link->value}});
    }
    return tags;
}

}  // namespace holdfast::api
