#pragma once
// await_answer: turns a call that answers through a callback, of Store, Catalogue or Delivery, into
// something a handler can co_await. Threads: the callback runs on the handler's own thread, or on another
// one and the handler goes on in a turn of its own.

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace holdfast::api {

/// Where the handler goes on.
enum class Resume : std::uint8_t {
    in_a_turn_of_its_own,
    /// Inside the callback, which saves a turn: for callers that hold no lock then, and nothing that the
    /// handler could change, and on the handler's own thread. Inside `start` it is as the other one.
    in_the_callback,
};

/// `start` gets the callback, which it passes on: co_await await_answer<std::error_code, DevicePtr>(
/// [&](auto done) { catalogue.find_device(id, executor, done); }). One result comes as itself, several as
/// a tuple. The callback may be called inside `start`; it is copyable and is called once.
template <class... Results, class Start>
auto await_answer(Start start, Resume where = Resume::in_a_turn_of_its_own) {
    using boost::asio::use_awaitable;
    const auto initiate = [](auto handler, Start begin, Resume wanted) {
        struct Call {
            decltype(handler) resume;
            Resume where = Resume::in_a_turn_of_its_own;
        };
        const auto call = std::make_shared<Call>(Call{std::move(handler)});
        begin([call](Results... results) {
            if (call->where == Resume::in_the_callback) {
                call->resume(std::move(results)...);
                return;
            }
            const auto executor = boost::asio::get_associated_executor(call->resume);
            boost::asio::post(executor, [call, ... taken = std::move(results)]() mutable {
                call->resume(std::move(taken)...);
            });
        });
        if (wanted != Resume::in_a_turn_of_its_own) call->where = wanted;
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(Results...)>(
        initiate, use_awaitable, std::move(start), where);
}

}  // namespace holdfast::api
