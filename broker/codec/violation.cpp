#include "codec/violation.hpp"

#include <stdexcept>
#include <string>

namespace holdfast::codec {

void throw_exception_from_error(const Violation& violation, const boost::source_location& place) {
    std::string text{to_string(violation.reason)};
    if (!violation.clause.empty()) text.append(" [").append(violation.clause).append("]");
    text.append(": ").append(violation.cause);
    boost::throw_exception(std::runtime_error{text}, place);
}

}  // namespace holdfast::codec
