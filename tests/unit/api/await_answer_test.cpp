#include "api/await_answer.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

using namespace holdfast::api;

namespace {

/// A handler that waits for one number, and who gives it.
struct World {
    boost::asio::io_context context;
    std::function<void(int)> give;
    std::string log;

    void start(Resume where, bool is_given_at_once = false) {
        boost::asio::co_spawn(context, wait(where, is_given_at_once), boost::asio::detached);
        context.poll();
    }
    boost::asio::awaitable<void> wait(Resume where, bool is_given_at_once) {
        const auto begin = [&](auto done) {
            give = done;
            if (is_given_at_once) give(7);
            log += "begun ";
        };
        const int number = co_await await_answer<int>(begin, where);
        log += "got " + std::to_string(number) + " ";
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(await_answer_tests)

BOOST_AUTO_TEST_CASE(a_handler_goes_on_in_a_turn_of_its_own) {
    World world;
    world.start(Resume::in_a_turn_of_its_own);
    world.give(1);
    world.log += "given ";
    world.context.poll();
    BOOST_TEST(world.log == "begun given got 1 ");
}

BOOST_AUTO_TEST_CASE(it_goes_on_in_the_callback_where_it_may) {
    World world;
    world.start(Resume::in_the_callback);
    world.give(1);
    world.log += "given ";
    BOOST_TEST(world.log == "begun got 1 given ");
}

BOOST_AUTO_TEST_CASE(what_is_answered_inside_the_call_is_had_behind_it) {
    for (const Resume where : {Resume::in_a_turn_of_its_own, Resume::in_the_callback}) {
        World world;
        world.start(where, true);
        BOOST_TEST(world.log == "begun got 7 ");
    }
}

BOOST_AUTO_TEST_SUITE_END()
