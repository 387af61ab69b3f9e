#include "store/committer.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>

using namespace holdfast;
using store::Committer;

BOOST_AUTO_TEST_SUITE(committer)

BOOST_AUTO_TEST_CASE(what_is_gathered_for_is_done_though_nobody_wakes_it) {
    std::promise<void> third;
    int rounds = 0;
    const Committer committer{[&] {
                                  if (++rounds < 3) return Committer::Next::gather;
                                  if (rounds == 3) third.set_value();
                                  return Committer::Next::wait;
                              },
                              std::nullopt};
    BOOST_TEST((third.get_future().wait_for(std::chrono::seconds{30}) == std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(what_wakes_it_while_it_works_is_not_missed) {
    std::promise<void> first;
    std::promise<void> woken;
    std::promise<void> second;
    int rounds = 0;
    Committer committer{[&] {
                            if (++rounds == 1) {
                                first.set_value();
                                woken.get_future().wait();
                            } else if (rounds == 2) {
                                second.set_value();
                            }
                            return Committer::Next::wait;
                        },
                        std::nullopt};
    first.get_future().wait();
    committer.wake();
    woken.set_value();
    BOOST_TEST((second.get_future().wait_for(std::chrono::seconds{30}) == std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(it_ends_while_it_gathers) {
    std::promise<void> first;
    int rounds = 0;
    const Committer committer{[&] {
                                  if (++rounds == 1) first.set_value();
                                  return Committer::Next::gather;
                              },
                              std::nullopt};
    first.get_future().wait();
}

BOOST_AUTO_TEST_SUITE_END()
