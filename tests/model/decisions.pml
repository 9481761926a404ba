/* What a process makes of a fresh look: the code's decisions, from the same facts, in the same words. */

/* Facts of one look. Each mutant that misreads one is a second definition here. */
#if defined(KEY_IN_SNAPSHOTS_ONLY) || defined(NEW_SNAPSHOT_ID)
#define own_key_found(t) has(table[t].visible, key)
#define foreign_key(t) false
#elif defined(NO_OWN_KEY)
#define own_key_found(t) (t == LEAD && table[t].key == key)
#define foreign_key(t) (t == LEAD && table[t].key != before[key])
#else
#define own_key_found(t) (table[t].key == key || has(table[t].visible, key))
#define foreign_key(t) (table[t].key != before[key])
#endif

#ifdef NO_PROOF_OF_HISTORY
#define history_intact(t) true
#else
#define history_intact(t) (!rolled_back(t))
#endif

#ifdef ATOMIC
#define histories_intact (history_intact(LEAD) && history_intact(OTHER))
#else
#define histories_intact history_intact(LEAD)
#endif

#define progress_after(k) (k == 0 -> 0 : first[k] + 1)

inline load() {
  base_of(me, LEAD) = current
#ifdef ATOMIC
  ;base_of(me, OTHER) = current
#endif
}

/* Whoever goes on has seen tables that say the truth. */
inline check_history_seen() {
  assert(table[LEAD].rows == below(progress)) /* a rollback is noticed */
}

/* An undecided Prepared follows the lead's key. One of them may be adopted, when its positions are gone from the log; the others are void. */
inline void_or_adopt() {
  adopted = 0;
  i = 1;
  do
  :: i == PREPARED -> break
  :: i < PREPARED && !(has(durable, i) && before[i] == table[LEAD].key && i != table[LEAD].key) -> i++
  :: i < PREPARED && has(durable, i) && before[i] == table[LEAD].key && i != table[LEAD].key ->
    voided = voided | bit_of(i);
    i++
  :: i < PREPARED && has(durable, i) && before[i] == table[LEAD].key && i != table[LEAD].key && adopted == 0 ->
    adopted = i;
    witness(a_prepared_is_adopted);
    voided = voided & ~bit_of(i);
    i++
  od
}

/* The other table has neither the lead's last epoch nor the one before. */
#define tables_disagree (table[OTHER].key != table[LEAD].key && (table[LEAD].key == 0 || table[OTHER].key != before[table[LEAD].key]))

/* A look at the lead before anything is built on it: after the fence, and before each epoch is prepared. */
inline check_still_ours() {
  if
  :: !histories_intact || fence < own_fence -> decision = history_changed
  :: histories_intact && fence > own_fence -> decision = fenced
  :: else ->
    check_history_seen();
    decision = commit
  fi
}

inline decide_epoch() {
  if
  :: own_key_found(LEAD) ->
    decision = applied;
    witness(an_unknown_was_applied)
  :: !own_key_found(LEAD) && fence > own_fence ->
    decision = fenced;
    witness(a_process_is_fenced)
  :: !own_key_found(LEAD) && fence <= own_fence && (fence < own_fence || foreign_key(LEAD)) -> decision = history_changed
  :: else ->
    if
    :: base_of(me, LEAD) == current && histories_intact -> decision = commit
    :: base_of(me, LEAD) != current && histories_intact ->
      decision = rebase;
      witness(a_commit_is_rebased)
    :: else ->
      decision = history_changed;
      witness(a_rollback_is_noticed)
    fi
  fi
}

inline decide_roll_forward() {
  if
  :: own_key_found(OTHER) -> decision = applied
  :: !own_key_found(OTHER) && foreign_key(OTHER) -> decision = (fence == own_fence -> history_changed : fenced)
  :: else ->
    if
    :: base_of(me, OTHER) == current && history_intact(OTHER) -> decision = commit
    :: base_of(me, OTHER) != current && history_intact(OTHER) -> decision = rebase
    :: else -> decision = history_changed
    fi;
    if :: (key - 1) / PREPARED_EACH != me -> witness(another_rolls_forward) :: else fi
  fi
}
