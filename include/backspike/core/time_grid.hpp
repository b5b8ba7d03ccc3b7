#pragma once
// From times to steps, the one way there is: readers, encoders and Python ask here. Step k of width dt begins at k dt.
//
// A time arrives rounded. One that stands for k dt must fall in step k, although the number may be a little below: as a
// float, 0.003 s is less than 3 ms. So step(t) = floor(t / dt + e), where e covers what rounding can have done, and no
// more, since e also takes what lies truly just before k dt for k dt:
//
//   whole numbers        nothing: they are exact
//   up to 16 bits        half a unit in the last place at t: such numbers are only kept, computing is done in wider
//   ones 24 or 53 bits        3 roundings, 3 * 2^-bits t: the width of a step, its multiple, and the change of the unit
//
// and in every case 4 * 2^-53 t for the division here. e is at most half a step: beyond, the type does not resolve the
// grid and the nearest step is what can be had. In float seconds at 1 ms that is from 2.7 million steps on, in
// milliseconds of half precision from 1024.

namespace backspike {

/// Significant bits of the numbers that times come in.
inline constexpr int exact_time = 0, half_time = 11, float_time = 24, double_time = 53;

class time_grid {
 public:
  /// Steps of width `dt` for times whose unit is `unit`, both in the same measure: {10.0, 1000.0} for steps of 10 ms
  /// and times in seconds. Both above 0 and finite.
  explicit time_grid(double dt, double unit = 1.0, int bits = double_time);

  /// The step that a time falls in: below 0 before the first one, NaN for NaN.
  double step_of(double time) const;

  /// How many steps it takes to reach `time`, from 0: the next whole number unless `time` is on the grid.
  double steps_until(double time) const;

 private:
  double slack(double time, double place) const;  // e of the equation

  double dt_, unit_;
  double share_;  // of the time, that rounding may have added or taken
  int kept_;      // bits of a type that numbers are only kept in; 0: computed in
};

}  // namespace backspike
