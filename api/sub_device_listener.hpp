#pragma once
// SubDeviceListener: is told which devices behind gateways applications registered and deleted, so that their
// gateways learn it. Threads: the HTTP side's.

#include "store/catalogue.hpp"

#include <boost/json/object.hpp>

namespace holdfast::api {

class SubDeviceListener {
public:
    virtual ~SubDeviceListener() = default;
    /// `shown`: as applications see it.
    virtual void on_sub_device_added(const boost::json::object& shown) = 0;
    virtual void on_sub_device_removed(const store::Device& device) = 0;
};

}  // namespace holdfast::api
