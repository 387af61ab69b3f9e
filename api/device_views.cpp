#include "api/device_views.hpp"

#include "api/await_answer.hpp"
#include "api/awaited_catalogue.hpp"
#include "api/device_notes.hpp"
#include "api/iso_time.hpp"
#include "api/tag_schema.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using store::DevicePtr;
using store::Link;

/// Of links source by source: those of `source`, which are the next, if there are some.
class LinksInOrder {
public:
    explicit LinksInOrder(const std::vector<Link>& links)
        : next_(links.begin()), end_(links.end()) {}

    [[nodiscard]] std::vector<Link> take(const std::string& source) {
        const auto is_other = [&](const Link& link) { return link.source != source; };
        const auto first = std::exchange(next_, std::find_if(next_, end_, is_other));
        return {first, next_};
    }

private:
    std::vector<Link>::const_iterator next_;
    std::vector<Link>::const_iterator end_;
};

/// `note`: a JSON object as DeviceNotes keeps it, or empty.
void add_note(json::object& shown, const std::string& note) {
    if (note.empty()) return;
    const json::value told = json::parse(note);
    for (const auto& [key, value] : told.as_object()) shown[key] = value;
}

}  // namespace

awaitable<std::vector<Link>> DeviceViews::tags_of(Devices devices) const {
    std::vector<std::string> ids;
    ids.reserve(devices.size());
    for (const DevicePtr& device : devices) ids.push_back(device->device_id);
    const AwaitedCatalogue catalogue{context_.catalogue, context_.executor};
    auto [unknown, links] =
        co_await catalogue.find_links(store::LinkKind::device_tag, std::move(ids));
    co_return std::move(links);
}

/// As many as devices.
awaitable<std::vector<std::string>> DeviceViews::notes_of(Devices devices) const {
    std::vector<std::uint64_t> numbers;
    numbers.reserve(devices.size());
    for (const DevicePtr& device : devices) numbers.push_back(device->number);
    const auto begin = [&](auto done) {
        DeviceNotes{context_.catalogue.documents()}.find(numbers, context_.executor, done);
    };
    auto [unknown, notes] = co_await await_answer<std::error_code, std::vector<std::string>>(begin);
    notes.resize(devices.size());
    co_return std::move(notes);
}

/// A product that is gone at this very moment has none.
awaitable<std::string> DeviceViews::product_name_of(std::string product_id) const {
    const AwaitedCatalogue catalogue{context_.catalogue, context_.executor};
    const auto [unknown, product] = co_await catalogue.find_product(std::move(product_id));
    co_return product ? product->name : std::string{};
}

awaitable<std::vector<json::object>> DeviceViews::views_of(Devices devices,
                                                           SecretsShown secrets) const {
    std::vector<json::object> views;
    if (devices.empty()) co_return views;
    const std::vector<Link> links = co_await tags_of(devices);
    const std::vector<std::string> notes = co_await notes_of(devices);
    LinksInOrder tags{links};
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const store::Device& device = *devices[i];
        const std::string product_name = co_await product_name_of(device.product_id);
        const bool is_online = context_.status.is_online(device.device_id);
        json::object shown = device_json(device, product_name, is_online, secrets);
        if (const auto changed = context_.status.connection_changed_at(device.number)) {
            shown["connection_status_update_time"] = iso_time_milliseconds(*changed);
        }
        shown["app_name"] = context_.apps.name_of(device.app_id);
        shown["tags"] = tags_json(tags.take(device.device_id));
        add_note(shown, notes[i]);
        views.push_back(std::move(shown));
    }
    co_return views;
}

awaitable<json::object> DeviceViews::show(DevicePtr device, SecretsShown secrets) const {
    Devices one{std::move(device)};
    auto views = co_await views_of(std::move(one), secrets);
    co_return std::move(views.front());
}

awaitable<json::array> DeviceViews::show_all(std::vector<DevicePtr> devices) const {
    auto views = co_await views_of(std::move(devices), SecretsShown::no);
    json::array shown;
    shown.reserve(views.size());
    for (json::object& view : views) shown.push_back(std::move(view));
    co_return shown;
}

}  // namespace holdfast::api
