// main() of every Boost.Test executable: the module's name is the executable's.

#define BOOST_TEST_MODULE holdfast
#include <boost/test/unit_test.hpp>
