// Linear assignment of dense f64 costs in plain C++: the peer of our kernel.
//
//   lapjv N CALLS < costs      N × N f64, row-major
//
// Prints milliseconds of each call, a line each, and then the total cost. The first call warms up and is
// not printed.
//
// Source: Jonker and Volgenant, A shortest augmenting path algorithm for dense and sparse linear assignment
// problems, 1987: column reduction, reduction transfer, two rounds of augmenting row reduction, augmentation.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <vector>

namespace {

constexpr double INFINITE = std::numeric_limits<double>::infinity();

struct Solver {
  const int n;
  const double *const cost;
  std::vector<int> columnOf, rowOf, from, columns, matches, free;
  std::vector<double> potentials, reach;

  Solver(int size, const double *costs)
      : n(size), cost(costs), columnOf(n), rowOf(n), from(n), columns(n), matches(n), free(n),
        potentials(n), reach(n) {}

  double solve() {
    columnOf.assign(n, -1);
    rowOf.assign(n, -1);
    matches.assign(n, 0);
    reduceColumns();
    int count = transferReduction();
    for (int round = 0; round < 2; round++) count = reduceRows(count);
    for (int i = 0; i < count; i++) augment(free[i]);
    double total = 0;
    for (int row = 0; row < n; row++) total += cost[(size_t)row * n + columnOf[row]];
    return total;
  }

  // Row by row, so that memory is read in the order in which it stands.
  void reduceColumns() {
    for (int j = 0; j < n; j++) {
      potentials[j] = cost[j];
      from[j] = 0;
    }
    for (int row = 1; row < n; row++) {
      const double *own = cost + (size_t)row * n;
      for (int j = 0; j < n; j++) {
        if (own[j] < potentials[j]) {
          potentials[j] = own[j];
          from[j] = row;
        }
      }
    }
    for (int j = n - 1; j >= 0; j--) {
      const int row = from[j];
      if (matches[row]++ > 0) continue;
      columnOf[row] = j;
      rowOf[j] = row;
    }
  }

  int transferReduction() {
    int count = 0;
    for (int row = 0; row < n; row++) {
      if (matches[row] == 0) {
        free[count++] = row;
      } else if (matches[row] == 1) {
        const int column = columnOf[row];
        const double *own = cost + (size_t)row * n;
        double least = INFINITE;
        for (int j = 0; j < n; j++) {
          const double value = own[j] - potentials[j];
          if (j != column && value < least) least = value;
        }
        potentials[column] -= least - (own[column] - potentials[column]);
      }
    }
    return count;
  }

  int reduceRows(int count) {
    int left = 0;
    int turns = 4 * count; // costs that differ in their last bits could go on for ever
    for (int k = 0; k < count;) {
      const int row = free[k++];
      const double *own = cost + (size_t)row * n;
      double least = INFINITE, second = INFINITE;
      int first = 0, next = 0;
      for (int j = 0; j < n; j++) {
        const double value = own[j] - potentials[j];
        if (value >= second) continue;
        if (value < least) {
          second = least;
          next = first;
          least = value;
          first = j;
        } else {
          second = value;
          next = j;
        }
      }
      int column = first;
      int other = rowOf[column];
      const bool falls = least < second && turns-- > 0;
      if (falls) {
        potentials[column] -= second - least;
      } else if (other >= 0) {
        if (least == second) column = next;
        other = rowOf[column];
        if (other >= 0) {
          free[left++] = row;
          continue;
        }
      }
      columnOf[row] = column;
      rowOf[column] = row;
      if (other < 0) continue;
      columnOf[other] = -1;
      free[--k] = other;
    }
    return left;
  }

  void augment(int start) {
    const double *own = cost + (size_t)start * n;
    for (int j = 0; j < n; j++) {
      reach[j] = own[j] - potentials[j];
      from[j] = start;
      columns[j] = j;
    }
    int scanned = 0, ready = 0, last = 0; // columns[0, scanned) are scanned, [scanned, ready) as near as the nearest
    double least = 0;
    int end = -1;
    while (end < 0) {
      if (scanned == ready) {
        last = scanned;
        least = reach[columns[ready++]];
        for (int k = ready; k < n; k++) {
          const int j = columns[k];
          const double length = reach[j];
          if (length > least) continue;
          if (length < least) {
            ready = scanned;
            least = length;
          }
          columns[k] = columns[ready];
          columns[ready++] = j;
        }
        for (int k = scanned; k < ready; k++) {
          if (rowOf[columns[k]] < 0) {
            end = columns[k];
            break;
          }
        }
      }
      while (end < 0 && scanned < ready) {
        const int column = columns[scanned++];
        const int row = rowOf[column];
        const double *costs = cost + (size_t)row * n;
        const double back = costs[column] - potentials[column] - least;
        for (int k = ready; k < n; k++) {
          const int j = columns[k];
          const double length = costs[j] - potentials[j] - back;
          if (length >= reach[j]) continue;
          reach[j] = length;
          from[j] = row;
          if (length > least) continue;
          if (rowOf[j] < 0) {
            end = j;
            break;
          }
          columns[k] = columns[ready];
          columns[ready++] = j;
        }
      }
    }
    for (int k = 0; k < last; k++) potentials[columns[k]] += reach[columns[k]] - least;
    for (int row = -1; row != start;) {
      row = from[end];
      rowOf[end] = row;
      const int before = columnOf[row];
      columnOf[row] = end;
      end = before;
    }
  }
};

} // namespace

int main(int count, char **arguments) {
  if (count != 3) return 2;
  const int n = std::atoi(arguments[1]);
  const int calls = std::atoi(arguments[2]);
  std::vector<double> cost((size_t)n * n);
  if (std::fread(cost.data(), sizeof(double), cost.size(), stdin) != cost.size()) return 3;
  Solver solver(n, cost.data());
  double total = solver.solve();
  for (int call = 0; call < calls; call++) {
    const auto began = std::chrono::steady_clock::now();
    total = solver.solve();
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - began;
    std::printf("%.6f\n", spent.count());
  }
  std::printf("%.17g\n", total);
}
