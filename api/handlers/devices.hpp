#pragma once
// Devices: POST and GET /v5/iot/{project_id}/devices, GET, PUT and DELETE .../devices/{device_id}, POST
// .../action?action_id=resetSecret, .../freeze and .../unfreeze.
// A device that is deleted is out of the catalogue first, so that it can neither connect nor get new
// messages, then its connection ends, then its messages; the answer comes after all of it.
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/apps.hpp"
#include "api/device_hooks.hpp"
#include "api/installation.hpp"
#include "api/message_service.hpp"
#include "api/policy_enforcer.hpp"
#include "api/platform_event.hpp"
#include "api/routes.hpp"
#include "api/sub_device_listener.hpp"
#include "base/environment.hpp"
#include "base/turn.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

struct DevicesContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    const DeviceStatusSource& status;
    DeviceHooks& hooks;
    const Installation& installation;
    const Clock& clock;
    Random& random;
    const Apps& apps;
    PolicyEnforcer& policies;
    MessageService* messages = nullptr;  ///< with `turns`; null: no device is behind a gateway
    TurnGate* turns = nullptr;
    PlatformEventSink* sink = nullptr;  ///< is told what was changed; null: nobody is
    SubDeviceListener* sub_devices = nullptr;  ///< of devices behind gateways; null: as above
};

void add_device_routes(Routes& routes, const DevicesContext& context);

}  // namespace holdfast::api
