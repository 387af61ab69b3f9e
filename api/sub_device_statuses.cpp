#include "api/sub_device_statuses.hpp"

#include <utility>

namespace holdfast::api {

bool SubDeviceStatuses::is_online(std::string_view device_id) const {
    if (count_.load(std::memory_order_acquire) == 0) return false;
    const std::scoped_lock lock{mutex_};
    return by_device_.contains(std::string{device_id});
}

bool SubDeviceStatuses::set_online(const std::string& gateway_id, const SubDevice& device) {
    const std::scoped_lock lock{mutex_};
    const auto [entry, is_new] =
        by_device_.try_emplace(device.device_id, Entry{device.number, gateway_id});
    if (!is_new) return false;
    by_gateway_[gateway_id].insert(device.device_id);
    count_.store(by_device_.size(), std::memory_order_release);
    return true;
}

bool SubDeviceStatuses::remove(std::string_view device_id) {
    if (count_.load(std::memory_order_acquire) == 0) return false;
    const std::scoped_lock lock{mutex_};
    const auto found = by_device_.find(std::string{device_id});
    if (found == by_device_.end()) return false;
    const auto gateway = by_gateway_.find(found->second.gateway_id);
    gateway->second.erase(found->first);
    if (gateway->second.empty()) by_gateway_.erase(gateway);
    by_device_.erase(found);
    count_.store(by_device_.size(), std::memory_order_release);
    return true;
}

bool SubDeviceStatuses::has_some_of(std::string_view gateway_id) const {
    if (count_.load(std::memory_order_acquire) == 0) return false;
    const std::scoped_lock lock{mutex_};
    return by_gateway_.contains(std::string{gateway_id});
}

std::vector<SubDevice> SubDeviceStatuses::take_of(const std::string& gateway_id,
                                                  std::size_t count_max) {
    std::vector<SubDevice> taken;
    const std::scoped_lock lock{mutex_};
    const auto gateway = by_gateway_.find(gateway_id);
    if (gateway == by_gateway_.end()) return taken;
    auto& ids = gateway->second;
    while (!ids.empty() && taken.size() < count_max) {
        const auto device = by_device_.find(*ids.begin());
        taken.push_back({device->second.number, device->first});
        by_device_.erase(device);
        ids.erase(ids.begin());
    }
    if (ids.empty()) by_gateway_.erase(gateway);
    count_.store(by_device_.size(), std::memory_order_release);
    return taken;
}

}  // namespace holdfast::api
