#pragma once
// The statement of a search for devices, which looks like SQL:
//   select * | count(*) | count(1) | field, ... from device
//   [where condition and|or condition ...] [order by marker [asc|desc]] [limit [offset,] rows]
// to what is searched for, checked word by word. Keywords are the same in capitals, names and values are not.
// Source: the contract's SearchDevices; what is beyond it and what it leaves open: docs/http-api-devices.md.
// Threads: any.

#include "api/sql_tokens.hpp"
#include "store/catalogue.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

inline constexpr std::size_t device_sql_characters_max = 400;
inline constexpr std::size_t device_sql_conditions_max = 5;
/// Parentheses inside each other.
inline constexpr std::size_t device_sql_depth_max = 5;

struct DeviceSql {
    bool is_count = false;           ///< how many there are is all that is wanted
    std::vector<std::string> shown;  ///< fields of the answer's devices; empty: all
    store::DeviceSearch search;      ///< without is_online
};

[[nodiscard]] boost::system::result<DeviceSql, SqlProblem> read_device_sql(
    std::string_view statement);

}  // namespace holdfast::api
