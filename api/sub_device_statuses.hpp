#pragma once
// SubDeviceStatuses: which devices behind gateways are ONLINE, because the gateway that is connected for them
// said so. It is true as long as that connection lasts and the gateway says nothing else; a device that
// connects itself speaks for itself. Kept in memory only: without their connections nobody is there.
// Limits: as many as there are devices. Threads: any; one mutex, taken with any other held, takes none
// itself.

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

struct SubDevice {
    std::uint64_t number = 0;
    std::string device_id;
};

class SubDeviceStatuses {
public:
    SubDeviceStatuses() = default;
    SubDeviceStatuses(const SubDeviceStatuses&) = delete;
    SubDeviceStatuses& operator=(const SubDeviceStatuses&) = delete;

    [[nodiscard]] bool is_online(std::string_view device_id) const;
    /// `gateway_id`: whose connection it was said on. False: it was so already.
    bool set_online(const std::string& gateway_id, const SubDevice& device);
    /// It is offline, deleted, or speaks for itself. False: it was not online by its gateway's word.
    bool remove(std::string_view device_id);

    [[nodiscard]] bool has_some_of(std::string_view gateway_id) const;
    /// Removes and returns those of the gateway, at most so many, in the order of their ids.
    [[nodiscard]] std::vector<SubDevice> take_of(const std::string& gateway_id,
                                                 std::size_t count_max);

private:
    struct Entry {
        std::uint64_t number = 0;
        std::string gateway_id;
    };

    std::atomic<std::size_t> count_{0};  ///< of by_device_: so that who finds none takes no lock
    mutable std::mutex mutex_;           ///< guards what follows
    boost::unordered_flat_map<std::string, Entry> by_device_;
    boost::unordered_flat_map<std::string, std::set<std::string>> by_gateway_;  ///< ids of devices
};

}  // namespace holdfast::api
