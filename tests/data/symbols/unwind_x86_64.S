/* What .eh_frame says of each instruction is in its label's name. */
	.text
	.globl	entry, pushed, after_pop, by_frame, uncovered, behind_uncovered
	.globl	last_byte, remembered, restored, computed, many_registers
	.type	entry, @function
	.p2align 4
	.fill	16, 1, 0x90
entry:
	.cfi_startproc
	nop
	nop
	push	%rbp
	.cfi_def_cfa_offset 16
pushed:
	nop
	nop
	pop	%rbp
	.cfi_def_cfa_offset 8
after_pop:
	nop
	nop
	push	%rbp
	.cfi_def_cfa_offset 16
	mov	%rsp, %rbp
	.cfi_def_cfa_register 6
by_frame:
	nop
	nop
	leave
	.cfi_def_cfa 7, 8
last_byte:
	ret
	.cfi_endproc
	.size	entry, . - entry
	.fill	16, 1, 0x90
uncovered:
	nop
	nop
	.fill	16, 1, 0x90
	.type	behind, @function
behind:
	.cfi_startproc
	.cfi_def_cfa_offset 24
	nop
	.cfi_endproc
behind_uncovered:
	nop
	.type	odd, @function
odd:
	.cfi_startproc
	.cfi_remember_state
	.cfi_def_cfa_offset 24
	nop
remembered:
	nop
	nop
	.cfi_restore_state
	nop
restored:
	nop
	nop
	/* DW_CFA_def_cfa_expression: DW_OP_breg7 8, which is the same, but
	 * nobody computes it. */
	.cfi_escape 0x0f, 2, 0x77, 8
	nop
computed:
	nop
	nop
	.cfi_def_cfa 7, 8
	/* DW_CFA_offset_extended of register 2^28 - 1, and, of a copy of it,
	 * DW_CFA_restore_extended */
	.cfi_escape 0x05, 0xff, 0xff, 0xff, 0x7f, 1
	.cfi_escape 0x06, 0xff, 0xff, 0xff, 0x7f
	nop
many_registers:
	nop
	nop
	.cfi_endproc
	.section .note.GNU-stack, "", @progbits
