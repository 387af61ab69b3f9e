#pragma once
// Device groups: POST and GET /v5/iot/{project_id}/device-group, GET, PUT and DELETE .../{group_id}, GET
// .../{group_id}/devices, and POST .../{group_id}/action?action_id=addDevice|removeDevice&device_id=.
// Groups are static: a device is in one because somebody put it there. One may stand in another of its
// space.
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/apps.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

#include <cstddef>

namespace holdfast::api {

inline constexpr std::size_t groups_max = 1'000;
inline constexpr std::size_t group_levels_max = 5;
inline constexpr std::size_t devices_per_group_max = 20'000;
inline constexpr std::size_t groups_per_device_max = 10;

struct DeviceGroupsContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    const Apps& apps;
    const Clock& clock;
};

void add_device_group_routes(Routes& routes, const DeviceGroupsContext& context);

}  // namespace holdfast::api
