#include "net/moderation.hpp"

#include <thread>

namespace holdfast::net {

void rest(Moderation::Rest time) {
    if (time.count() > 0) std::this_thread::sleep_for(time);
}

}  // namespace holdfast::net
