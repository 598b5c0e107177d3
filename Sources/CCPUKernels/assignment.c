/* flow.assignment: the columns that a square matrix's rows are assigned to for the greatest sum.

   Shortest augmenting paths with dual prices (Jonker and Volgenant 1987; Crouse 2016, "On implementing 2D rectangular
   assignment algorithms"), in double precision, on the owner's thread: exact up to the rounding of sums. */
#include "internal.h"

#include <math.h>

typedef struct Assignment {
    int64_t size;
    const float *benefits;
    double *row_prices, *column_prices; /* dual variables */
    double *distances;                  /* of the shortest known way to each column */
    int64_t *ways;                      /* the row that leads to each column */
    int64_t *row_of, *column_of;        /* the assignment so far, -1 for none */
    int64_t *open;                      /* columns that no shortest way is known of */
    int64_t *closed;                    /* the others, in the order of their distances */
} Assignment;

/* Gives `row` a column, and rows that lose theirs another. */
static void augment(Assignment *a, int64_t row) {
    int64_t open = a->size, closed = 0, from = row, sink = -1;
    double reached = 0;
    for (int64_t j = 0; j < a->size; j++) a->distances[j] = INFINITY, a->open[j] = j;
    while (sink < 0) {
        const float *benefits = a->benefits + from * a->size;
        double base = reached - a->row_prices[from], lowest = INFINITY;
        int64_t best = 0;
        for (int64_t k = 0; k < open; k++) {
            int64_t j = a->open[k];
            double distance = base - (double)benefits[j] - a->column_prices[j];
            if (distance < a->distances[j]) a->distances[j] = distance, a->ways[j] = from;
            /* Of equally near columns a free one ends the search. */
            if (a->distances[j] < lowest || (a->distances[j] == lowest && a->row_of[j] < 0)) {
                lowest = a->distances[j];
                best = k;
            }
        }
        int64_t column = a->open[best];
        reached = lowest;
        a->open[best] = a->open[--open];
        a->closed[closed++] = column;
        if (a->row_of[column] < 0) sink = column;
        else from = a->row_of[column];
    }
    a->row_prices[row] += reached;
    for (int64_t k = 0; k < closed; k++) {
        int64_t column = a->closed[k];
        double slack = reached - a->distances[column];
        a->column_prices[column] -= slack;
        if (a->row_of[column] >= 0) a->row_prices[a->row_of[column]] += slack;
    }
    for (int64_t column = sink;;) {
        int64_t owner = a->ways[column], next = a->column_of[owner];
        a->row_of[column] = owner;
        a->column_of[owner] = column;
        if (owner == row) break;
        column = next;
    }
}

bool flow_run_assignment(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, "NN -> N", sizes, failure)) return false;
    if (call->asks) return true;
    int64_t n = sizes['N'];
    float *columns = call->results[0].data;
    const float *benefits = call->operands[0].data;
    for (int64_t i = 0; i < n * n; i++) {
        if (isfinite(benefits[i])) continue;
        for (int64_t row = 0; row < n; row++) columns[row] = NAN;
        return true;
    }
    double *numbers = flow_scratch(0, 3 * n * (int64_t)sizeof(double));
    int64_t *places = flow_scratch(1, 5 * n * (int64_t)sizeof(int64_t));
    if (numbers == NULL || places == NULL) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    Assignment a = {
        .size = n, .benefits = benefits, .row_prices = numbers, .column_prices = numbers + n,
        .distances = numbers + 2 * n, .ways = places, .row_of = places + n, .column_of = places + 2 * n,
        .open = places + 3 * n, .closed = places + 4 * n};
    for (int64_t i = 0; i < n; i++) {
        a.row_prices[i] = a.column_prices[i] = 0;
        a.row_of[i] = a.column_of[i] = -1;
    }
    for (int64_t row = 0; row < n; row++) augment(&a, row);
    for (int64_t row = 0; row < n; row++) columns[row] = (float)a.column_of[row];
    return true;
}
