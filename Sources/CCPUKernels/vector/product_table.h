/* The table of what multiplies matrices, as it stands in an initializer. */
{
    .rows = ProductRows,
    .columns = ProductColumns,
    .left_columns = ProductLeftColumns,
    .steps_in_word = StepsInWord,
    .pack_rows = product_pack_rows,
    .pack_left = product_pack_left,
    .pack_right = product_pack_right,
    .pack_transposed = product_pack_transposed,
    .tile = product_tile,
    .attention = attention,
    .attention_memory = attention_memory,
    .attention_backward = attention_backward,
    .attention_backward_memory = attention_backward_memory,
}
