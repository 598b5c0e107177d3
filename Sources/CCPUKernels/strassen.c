/* The schemes of matrix products (Strassen 1969). */
#include "product.h"

#define ONE(row, column) {1, {{row, column, 1, false}}}
#define SUM(row1, column1, row2, column2) {2, {{row1, column1, 1, false}, {row2, column2, 1, false}}}
#define DIFFERENCE(row1, column1, row2, column2) {2, {{row1, column1, 1, false}, {row2, column2, -1, false}}}

const FlowScheme flow_plain_scheme = {1, 1, {ONE(0, 0)}, {ONE(0, 0)}, {{1, {{0, 0, 1, true}}}}};

const FlowScheme flow_strassen_scheme = {
    2,
    7,
    {SUM(0, 0, 1, 1), SUM(1, 0, 1, 1), ONE(0, 0), ONE(1, 1), SUM(0, 0, 0, 1), DIFFERENCE(1, 0, 0, 0),
     DIFFERENCE(0, 1, 1, 1)},
    {SUM(0, 0, 1, 1), ONE(0, 0), DIFFERENCE(0, 1, 1, 1), DIFFERENCE(1, 0, 0, 0), ONE(1, 1), SUM(0, 0, 0, 1),
     SUM(1, 0, 1, 1)},
    {{2, {{0, 0, 1, true}, {1, 1, 1, true}}},
     {2, {{1, 0, 1, true}, {1, 1, -1, false}}},
     {2, {{0, 1, 1, true}, {1, 1, 1, false}}},
     SUM(0, 0, 1, 0),
     DIFFERENCE(0, 1, 0, 0),
     ONE(1, 1),
     ONE(0, 0)},
};
