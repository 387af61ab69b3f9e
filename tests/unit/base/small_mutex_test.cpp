#include "base/small_mutex.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>
#include <thread>
#include <vector>

using holdfast::SmallMutex;

BOOST_AUTO_TEST_SUITE(small_mutex)

BOOST_AUTO_TEST_CASE(one_holds_it_at_a_time) {
    static_assert(sizeof(SmallMutex) == 4);
    SmallMutex mutex;
    std::uint64_t count = 0;  // not atomic: lost counts, or a sanitizer, show a second holder
    constexpr std::uint64_t threads = 4;
    constexpr std::uint64_t rounds = 20'000;
    {
        std::vector<std::jthread> all;
        for (std::uint64_t i = 0; i < threads; ++i) {
            all.emplace_back([&] {
                for (std::uint64_t round = 0; round < rounds; ++round) {
                    const std::scoped_lock lock{mutex};
                    ++count;
                }
            });
        }
    }
    BOOST_TEST(count == threads * rounds);
}

BOOST_AUTO_TEST_CASE(who_comes_second_gets_it_when_it_is_let_go) {
    SmallMutex mutex;
    BOOST_TEST(mutex.try_lock());
    BOOST_TEST(!mutex.try_lock());
    bool had_it = false;
    std::jthread other{[&] {
        const std::scoped_lock lock{mutex};
        had_it = true;
    }};
    mutex.unlock();
    other.join();
    BOOST_TEST(had_it);
    BOOST_TEST(mutex.try_lock());
    mutex.unlock();
}

BOOST_AUTO_TEST_SUITE_END()
