#pragma once
// await_answer: turns a call that answers through a callback, of Store, Catalogue or Delivery, into
// something a handler can co_await. Threads: the callback runs on the handler's own thread.

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace holdfast::api {

/// `start` gets the callback, which it passes on: co_await await_answer<std::error_code, DevicePtr>(
/// [&](auto done) { catalogue.find_device(id, executor, done); }). One result comes as itself, several as
/// a tuple. The callback may be called inside `start`; it is copyable and is called once.
template <class... Results, class Start>
auto await_answer(Start start) {
    using boost::asio::use_awaitable;
    const auto initiate = [](auto handler, Start begin) {
        const auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        begin([kept](Results... results) {
            const auto executor = boost::asio::get_associated_executor(*kept);
            boost::asio::post(executor, [kept, ... taken = std::move(results)]() mutable {
                (*kept)(std::move(taken)...);
            });
        });
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(Results...)>(
        initiate, use_awaitable, std::move(start));
}

}  // namespace holdfast::api
