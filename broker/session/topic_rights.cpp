#include "session/topic_rights.hpp"

#include "base/topic.hpp"

#include <array>

namespace holdfast::session {

namespace {

/// The first levels of a topic or filter; those that are not there are empty.
struct FirstLevels {
    explicit FirstLevels(std::string_view text) {
        LevelIterator levels{text};
        for (std::string_view& level : all) {
            if (!levels.next(level)) break;
        }
    }
    std::array<std::string_view, 7> all{};
};

bool is_own(const FirstLevels& levels, std::string_view device_id) {
    return !device_id.empty() && levels.all[1] == "devices" && levels.all[2] == device_id;
}

bool names_request(std::string_view level) { return level.starts_with("request_id="); }

/// `sys/messages/down`, `sys/events/down`, what the device is to answer, and the answer about its shadow.
bool comes_from_platform(const FirstLevels& levels) {
    const auto& all = levels.all;
    if (all[3] != "sys") return false;
    if (all[4] == "commands") return names_request(all[5]);
    if (all[4] == "properties") return names_request(all[6]);
    if (all[4] == "shadow") return all[6] == "response";
    return all[5] == "down";
}

}  // namespace

bool may_publish(std::string_view device_id, std::string_view topic) {
    const FirstLevels levels{topic};
    if (levels.all[0] != "$oc") return true;
    return is_own(levels, device_id) && !comes_from_platform(levels);
}

bool may_subscribe(std::string_view device_id, std::string_view filter) {
    const FirstLevels levels{filter};
    if (levels.all[0] == "$share") return !device_id.empty() ? levels.all[2] != "$oc" : true;
    if (levels.all[0] != "$oc" || device_id.empty()) return true;
    return is_own(levels, device_id) || levels.all[1] == "broadcast";
}

}  // namespace holdfast::session
